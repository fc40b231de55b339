/*
 * base/clock.c
 *	  Durations: a steady clock, back-off, jitter.
 */
#include "base/clock.h"

#include <math.h>
#include <stdint.h>
#include <sys/random.h>
#include <time.h>

double
clock_seconds(void)
{
	struct timespec now;

	(void) clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* Uniform in 0..1. */
static double
random_share(void)
{
	uint32_t bits = 0;

	(void) !getrandom(&bits, sizeof bits, 0);
	return (double) bits / (double) UINT32_MAX;
}

double
clock_backoff(int attempt, double base, double cap)
{
	double full = base * pow(2, attempt < 1 ? 0 : attempt > 30 ? 29 : attempt - 1);

	if (full > cap)
		full = cap;
	return full / 2 + full / 2 * random_share();
}

double
clock_jitter(double seconds, double share)
{
	return seconds * (1 + share * (2 * random_share() - 1));
}
