/*
 * tests/unit/tap.h
 *	  The Test Anything Protocol for plain C programs: one line a check, the count at the end.
 *
 * main() makes its checks and ends with `return done_testing();`.
 */
#ifndef LEAP_TESTS_TAP_H
#define LEAP_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_run;
static int tap_failed;

__attribute__((format(printf, 2, 3), unused)) static bool
ok(bool passed, const char *format, ...)
{
	va_list args;

	tap_run++;
	tap_failed += passed ? 0 : 1;
	printf("%s %d - ", passed ? "ok" : "not ok", tap_run);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	return passed;
}

__attribute__((unused)) static bool
is_int(long long got, long long wanted, const char *what)
{
	if (ok(got == wanted, "%s", what))
		return true;
	printf("#      got: %lld\n# expected: %lld\n", got, wanted);
	return false;
}

__attribute__((unused)) static bool
is_str(const char *got, const char *wanted, const char *what)
{
	bool same =
		got == wanted || (got != NULL && wanted != NULL && strcmp(got, wanted) == 0);

	if (ok(same, "%s", what))
		return true;
	printf("#      got: %s\n# expected: %s\n", got != NULL ? got : "(null)",
		   wanted != NULL ? wanted : "(null)");
	return false;
}

/* How often to try what is tried by chance: $LEAP_ROUNDS times as often as usual. */
__attribute__((unused)) static int
tap_rounds(int usual)
{
	const char *times = getenv("LEAP_ROUNDS");

	return usual * (times != NULL ? (int) strtol(times, NULL, 10) : 1);
}

/* Prints the plan; the exit status of the program. */
__attribute__((unused)) static int
done_testing(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed == 0 ? 0 : 1;
}

#endif
