/*
 * db/link.h
 *	  A worker's connection: never waits, connects again by itself, sends many calls in
 *	  one round trip.
 *
 * Calls are pipelined: each is a transaction of its own, they are executed in the order
 * they were made, and whatever is called in one turn of the loop travels together. When
 * the connection is lost every unanswered call is answered with an error of class
 * transient, code database_lost: whether it happened is then unknown.
 */
#ifndef LEAP_DB_LINK_H
#define LEAP_DB_LINK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "db/rows.h"

typedef struct Link Link;

typedef struct LinkEvents
{
	void (*up)(void *arg);                        /* connected: calls may be made */
	void (*down)(void *arg, const Error *err);    /* after the calls were answered */
	void (*bell)(void *arg, const char *channel); /* a notification */
	void *arg;
} LinkEvents;

/* Exactly one of rows and err is NULL; both end with the call. */
typedef void (*LinkAnswer)(void *arg, const DbRows *rows, const Error *err);

/* Both texts and the events are kept by reference. */
Link *link_new(const char *database, const char *application, const LinkEvents *events);
void link_free(Link *link);

bool link_is_up(const Link *link);

/* How many calls are not answered yet. */
size_t link_pending(const Link *link);

/* Sends one statement; arg goes to answer. False, and answer is never called, when the
 * link is down. Parameters are copied; a statement with parameters is prepared at its first
 * call and known by the address of its text, which must be a constant. */
bool link_call(Link *link, const char *sql, const char *const *params, size_t param_count,
			   LinkAnswer answer, void *arg);

/* What to poll for (a negative fd means nothing) and the latest clock_seconds() at which
 * link_work must be called again. */
void link_want(const Link *link, struct pollfd *fd, double *latest);

/* Does whatever is possible now: connects, sends, receives, answers. */
void link_work(Link *link);

/* Drops the connection and starts again after the usual pause. */
void link_reset(Link *link, const char *reason);

#endif
