/*
 * gate/streams.h
 *	  The streams of events of one process: who listens, and what he has been told.
 *
 * One statement asks for all of them what is new, only while there are any. A stream that
 * ends is forgotten by itself.
 */
#ifndef LEAP_GATE_STREAMS_H
#define LEAP_GATE_STREAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "db/pool.h"
#include "http/exchange.h"

typedef struct Streams Streams;

typedef struct StreamsSettings
{
	double interval; /* seconds between two questions */
	size_t most;     /* streams of one user */
} StreamsSettings;

/* What a stream is opened with; the texts are copied. */
typedef struct StreamStart
{
	const char *user;      /* an id as the database writes it */
	const char *claims;    /* of his token: when they end, so does the stream */
	const char *recording; /* in lower case; NULL: all of them */
	const char *last_id; /* the client has seen everything up to it; NULL: nothing yet */
	/* an administrator, who wants to know */
	bool system;   /* of the whole installation */
	bool everyone; /* of the recordings and tasks of everybody */
} StreamStart;

/* The pool lives on. */
Streams *streams_new(DbPool *pool, const StreamsSettings *settings);

/* The exchanges of all streams must be over. */
void streams_free(Streams *streams);

/* Answers the exchange, whose `data`, `user` and `ended` are taken over, with a stream. `fields` as in
 * exchange_stream(). False: the user has as many as he may; nothing was done. */
bool streams_open(Streams *streams, Exchange *exchange, const StreamStart *start,
				  const char *fields);

/* Goes on: after each turn of the loop. The seconds until it must be called again. */
double streams_work(Streams *streams);

/* Ends them all: their clients come back to whoever serves then. */
void streams_finish(Streams *streams);

size_t streams_count(const Streams *streams);

#endif
