/*
 * base/media_guard.h
 *	  Who waits for leap-media: how long, and what to say of its end.
 */
#ifndef LEAP_BASE_MEDIA_GUARD_H
#define LEAP_BASE_MEDIA_GUARD_H

#include <stddef.h>

#include "base/error.h"
#include "base/media_limits.h"
#include "base/process.h"
#include "base/report.h"

/* What a run with these arguments and descriptors may take: the same that it allows itself. */
MediaLimits media_guard_limits(const char *const *argv, const ProcessFd *fds,
							   size_t fd_count);

/* How many seconds to wait for its end, from now that its input (a descriptor, or -1) is
 * complete: never more than the operator allows (media_seconds of reporter, which may be
 * NULL). */
double media_guard_seconds(const MediaLimits *limits, int input,
						   const Reporter *reporter);

/* It took longer: fills *err (transient, media_died) and returns false. */
bool media_guard_overdue(double seconds, const char *step, Error *err);

/*
 * It ended by waitpid status `status` without a usable answer: fills *err (transient,
 * media_died) with what that means, naming the limit it ran into, and returns false.
 */
bool media_guard_died(const MediaLimits *limits, int status, const char *step,
					  Error *err);

#endif
