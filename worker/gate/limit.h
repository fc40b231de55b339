/*
 * gate/limit.h
 *	  How many requests a user or an address may make: token buckets in memory that all
 *	  processes of a server share.
 *
 * A bucket holds at most `burst` requests and fills at `per_minute`. The table has a fixed
 * size; when a place is needed, the fullest bucket of its neighbourhood goes, which is the one
 * that matters least. Nothing locks: a bucket is one word.
 */
#ifndef LEAP_GATE_LIMIT_H
#define LEAP_GATE_LIMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct Limits Limits;

typedef struct LimitRule
{
	unsigned per_minute; /* 0: no limit */
	unsigned burst;
} LimitRule;

typedef struct LimitState
{
	unsigned limit;     /* the burst */
	unsigned remaining; /* requests, now */
	unsigned
		reset; /* seconds until the bucket is full; of a refusal: until one is free */
} LimitState;

/* Memory for all processes forked from now on. */
bool limits_share(Limits **limits, Error *err);
void limits_free(Limits *limits);

/* Takes one request out of the bucket of `kind` and `name` at `now` (clock_seconds()). False:
 * it is empty. */
bool limit_take(Limits *limits, const char *kind, const char *name, LimitRule rule,
				double now, LimitState *state);

#endif
