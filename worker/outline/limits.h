/*
 * outline/limits.h
 *	  How many topics a lesson of some length may have, and how long they may be. Pure.
 */
#ifndef LEAP_OUTLINE_LIMITS_H
#define LEAP_OUTLINE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct Limits
{
	double shortest; /* seconds a topic */
	double longest;
	double spacing; /* between the starts of two topics, at least */
	size_t fewest;  /* topics */
	size_t most;
	double penalty; /* how much evidence one more topic needs */
} Limits;

/* So short that all granularities give the same topics. duration in seconds. */
bool limits_are_one(double duration);

/* NULL is "long". An unknown word is permanent, code bad_granularity. */
bool limits_of(const char *granularity, double duration, Limits *limits, Error *err);

#endif
