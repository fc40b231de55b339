/*
 * base/media_run.h
 *	  leap-media run in parts, for who has other things to do meanwhile; process_media() of
 *	  base/process.h is all of it in one.
 */
#ifndef LEAP_BASE_MEDIA_RUN_H
#define LEAP_BASE_MEDIA_RUN_H

#include "base/process.h"

typedef struct MediaRun MediaRun;

/* Starts it, as process_media() does; NULL with *err. */
MediaRun *media_run_start(const char *program, const char *const *argv,
						  const ProcessFd *fds, size_t fd_count, Error *err);

/* Its input is complete: the time that it may take begins, never more than the operator allows
 * (media_seconds of reporter, which may be NULL). Asked again, nothing changes. */
void media_run_limit(MediaRun *run, const Reporter *reporter);

/* Takes what it says, waiting for that at most wait_ms; true when it has ended, or was ended
 * because its time is over or it says more than it can mean. fraction receives how far it is,
 * 0..1. */
bool media_run_turn(MediaRun *run, int wait_ms, double *fraction);

/* Waits for its end and its answer, with the errors of process_media(). Its time begins now at
 * the latest. */
bool media_run_wait(MediaRun *run, const Reporter *reporter, double from, double to,
					const char *step, cJSON **result, Error *err);

/* Ends its process group if it lives, and releases all; run may be NULL. */
void media_run_end(MediaRun *run);

/* For CLEANUP(media_run). */
static inline void
cleanup_media_run(MediaRun **run)
{
	media_run_end(*run);
}

#endif
