/* sources: base/report.c base/throughput.c base/utf8.c base/clock.c base/error.c */
/* libs: -lm */
/*
 * tests/unit/test_report.c
 *	  Waiting for somebody else, and what he says, in words that may be shown.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/report.h"
#include "base/throughput.h"
#include "base/utf8.h"
#include "tap.h"

typedef struct Listener
{
	int told, until; /* how often; after so many times it says stop */
	char step[32];
	double fraction;
} Listener;

static bool
hear(void *arg, double fraction, const char *step)
{
	Listener *listener = arg;

	snprintf(listener->step, sizeof listener->step, "%s", step);
	listener->fraction = fraction;
	return ++listener->told < listener->until;
}

static void
test_wait(void)
{
	Listener listener = {.until = 3};
	Reporter reporter = {.progress = hear, .arg = &listener};
	Error err = {.class = ERROR_NONE};
	double before = clock_seconds();

	is_int(report_wait(&reporter, 3600, 0.25, "waiting", &err), false,
		   "who is told to stop waits no longer");
	is_int(listener.told, 3, "and asks no more");
	is_str(listener.step, "waiting", "what it waits for is told");
	is_str(err.code, "cancelled", "the error says that it was stopped");
	is_int(err.class, ERROR_LOST, "and is none of the work's own");
	is_int(report_wait(NULL, 0.01, 0, "waiting", &err), true,
		   "without a listener nobody stops it");
	ok(clock_seconds() - before >= 0.01, "and it waits as long as it should");
	is_int(report_wait(&reporter, -1, 0, "waiting", &err), true,
		   "a time that is over is not waited for");
	is_int(listener.told, 3, "nor told");
}

static void
test_line(void)
{
	char line[12];

	utf8_line("two\nlines\x7f", line, sizeof line);
	is_str(line, "two line",
		   "a line has no line break, and fits with room for a character");
	utf8_line("\xd1\x91\xd1\x91\xd1\x91\xd1\x91\xd1\x91", line, sizeof line);
	is_str(line, "\xd1\x91\xd1\x91\xd1\x91\xd1\x91", "it is cut between characters");
	utf8_line("a\xff"
			  "b",
			  line, sizeof line);
	is_str(line,
		   "a\xef\xbf\xbd"
		   "b",
		   "what is no text is marked as such");
	utf8_line("", line, sizeof line);
	is_str(line, "", "nothing stays nothing");
}

static void
test_throughput(void)
{
	Throughput known = {.total = 1200 * 1000000LL};
	Throughput unknown = {.total = -1};
	Throughput small = {.total = 1000};

	is_str(throughput_step(&known, "fetching", 340 * 1000000LL),
		   "fetching, 340 of 1,200 MB", "how much of what");
	known.marked -= 10;
	known.shown = 0;
	is_str(throughput_step(&known, "fetching", 464 * 1000000LL),
		   "fetching, 12.4 MB/s, 464 of 1,200 MB", "and how fast");
	(void) throughput_step(&known, "fetching", 400 * 1000000LL);
	is_int(throughput_bytes(&known), 124 * 1000000LL, "what comes again counts again");
	(void) throughput_step(&known, "fetching", 1200 * 1000000LL);
	is_int(throughput_bytes(&known), 924 * 1000000LL, "what was there before does not");
	ok(throughput_seconds(&known) >= 0, "in some time");
	is_str(throughput_step(&unknown, "fetching", 5000000), "fetching, 5 MB",
		   "of what nobody tells the size of");
	is_str(throughput_step(&small, "sending", 10), "sending",
		   "what is small has no numbers");
}

int
main(void)
{
	test_wait();
	test_throughput();
	test_line();
	return done_testing();
}
