/*
 * gate/streams_parts.h
 *	  What the files that make up the streams share: nobody else includes it.
 */
#ifndef LEAP_GATE_STREAMS_PARTS_H
#define LEAP_GATE_STREAMS_PARTS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "gate/streams.h"

typedef struct Person Person;

typedef struct Stream
{
	Person *person;
	struct Stream *next; /* of the same person */
	Exchange *exchange;
	char *claims;
	char *recording;  /* NULL: all of them */
	char *last_id;    /* of a fresh one: what it has seen; NULL: nothing yet */
	bool fresh;       /* it gets a page of its own, then it goes with the others */
	bool system;      /* it wants to know of the whole installation */
	bool told_system; /* and knows what was said last */
} Stream;

/* What was said last of a running task. */
typedef struct Progress
{
	uint64_t line; /* a hash of it */
	bool seen;     /* in this page */
} Progress;

/* Somebody who listens; whoever listens to everybody's events, too, is another one. */
struct Person
{
	Streams *all;
	char *user;
	bool everyone;
	Stream *streams;
	size_t stream_count;
	Progress *running;
	size_t running_count;
	size_t running_capacity;
};

/* Who a part of the page is for: one stream, or all of a person's that are not fresh. What
 * went away meanwhile is NULL. */
typedef struct Place
{
	Person *person;
	Stream *stream;
} Place;

struct Streams
{
	DbPool *pool;
	StreamsSettings settings;
	Person **persons;
	size_t person_count;
	size_t person_capacity;
	size_t stream_count;
	char *seen; /* the id up to which those have seen everything that are not fresh */

	/* the question under way */
	DbPoolJob *job;
	Arena arena;
	DbPoolStatement statements[2];
	Place *places;
	size_t place_count;
	size_t place_capacity;
	Stream **checked; /* whose claims are asked for; gone ones are NULL */
	size_t checked_count;
	size_t checked_capacity;

	/* what the whole installation does */
	size_t system_count; /* who wants to know */
	DbPoolJob *system_job;
	DbPoolStatement system_statement;
	char *system_digest; /* of what was said last; NULL: nothing yet */
	double system_at;
	double system_asked;

	double next_at;
	double check_at;
	double beat_at;
	bool silent; /* the database did not answer last time */
};

/* streams_page.c: asks what is new; the answer is told to the streams. */
void streams_ask(Streams *streams);

/* streams.c: the next question waits for its time; those who came meanwhile wait for less. */
void streams_pause(Streams *streams);

/* streams_system.c: asks what the installation does and tells those who want to know. The
 * seconds until it must be called again. */
double streams_work_system(Streams *streams);
void streams_free_system(Streams *streams);

/* Tells all that nothing is known just now; the next beat says that it is over. */
void streams_say_silence(Streams *streams);

/* Ends one with a word why. */
void stream_end(Stream *stream, const char *reason);

#endif
