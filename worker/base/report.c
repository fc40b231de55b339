/*
 * base/report.c
 *	  What everybody does who has a Reporter: tell, wait, stop.
 */
#include "base/report.h"

#include <time.h>

#include "base/clock.h"

#define TURN_NS 50000000L

bool
report_fraction(const Reporter *reporter, double fraction, const char *step, Error *err)
{
	return reporter == NULL || reporter->progress(reporter->arg, fraction, step) ||
		   error_set(err, ERROR_LOST, "cancelled", NULL, "stopped on request");
}

bool
report_wait(const Reporter *reporter, double seconds, double fraction, const char *step,
			Error *err)
{
	const struct timespec turn = {.tv_nsec = TURN_NS};
	double until = clock_seconds() + seconds;

	while (clock_seconds() < until)
	{
		if (!report_fraction(reporter, fraction, step, err))
			return false;
		(void) nanosleep(&turn, NULL);
	}
	return true;
}
