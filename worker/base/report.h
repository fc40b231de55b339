/*
 * base/report.h
 *	  How a long piece of work talks to whoever runs it, without knowing who that is.
 *
 * Platforms, speech engines and the fetcher get a Reporter; in a worker's child it leads
 * to the control channel (docs/protocol.md), in a test to whatever the test wants.
 */
#ifndef LEAP_BASE_REPORT_H
#define LEAP_BASE_REPORT_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"

/* As a fraction: nothing is told, it is only asked whether to go on. */
#define REPORT_NOTHING (-1.0)

typedef struct Reporter
{
	/* fraction 0..1 of the whole task, or REPORT_NOTHING; step is a word for people
	 * ("fetching"). Cheap: may be called often. false = stop now (cancelled, shutting down, lease lost). */
	bool (*progress)(void *arg, double fraction, const char *step);

	/* Asked before each irreversible act; true only if the lease is confirmed in the
	 * database right now. */
	bool (*confirm)(void *arg, const char *what);

	/* Stores state durably *before* an outside effect; the next attempt finds it in its
	 * input as "checkpoint". false = not stored: do not go on. The caller keeps state. */
	bool (*checkpoint)(void *arg, const cJSON *state);

	/* Names what is about to be made outside the work folder, a file of the "storage" or a
	 * hidden folder of the "library": it goes if the task is cancelled. */
	void (*made)(void *arg, const char *in, const char *name);
	void *arg;

	/* One run of leap-media is ended after so many seconds; 0 = as its input allows. */
	double media_seconds;
} Reporter;

/* Tells how far it is; false with an error of class ERROR_LOST = stop now. Without a
 * reporter nobody stops anything. */
bool report_fraction(const Reporter *reporter, double fraction, const char *step,
					 Error *err);

/* Waits so many seconds, unless told to stop, and goes on telling meanwhile. */
bool report_wait(const Reporter *reporter, double seconds, double fraction,
				 const char *step, Error *err);

#endif
