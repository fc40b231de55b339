/*
 * source/watch.h
 *	  Notices when files appear in inboxes (inotify), so that nobody has to wait for the next
 *	  look.
 *
 * It only says that something happened: what is there, and whether it is complete, is for a
 * sync to find out. What it misses (network file systems, too many folders) is found by
 * the next sync all the same.
 */
#ifndef LEAP_SOURCE_WATCH_H
#define LEAP_SOURCE_WATCH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct Watch Watch;

typedef struct WatchFolder
{
	const char *source; /* id of the inbox */
	const char *path;
	bool recursive;
	double settle_seconds;
} WatchFolder;

/* Watches nothing yet; NULL with *err when the kernel gives no inotify. */
Watch *watch_new(Error *err);
void watch_free(Watch *watch);

/* From now on these; what is told about one that stays is kept. */
void watch_set(Watch *watch, const WatchFolder *folders, size_t count);

/* What to poll for, and the latest clock_seconds() at which watch_work must be called. NULL
 * has nothing to poll for and does nothing, here and below. */
void watch_want(const Watch *watch, struct pollfd *fd, double *latest);

/* Reads what happened. */
void watch_work(Watch *watch);

/* When watch_due will have something to tell; INFINITY = nothing is on its way. */
double watch_due_at(const Watch *watch);

/* The next inbox in which something appeared and then nothing happened for as long as its
 * files have to stay as they are, or something happens all the time; NULL = none. It is
 * told once; the id stays valid until watch_set. */
const char *watch_due(Watch *watch);

/* It could not be told: it is due again after so many seconds. */
void watch_again(Watch *watch, const char *source, double seconds);

#endif
