/*
 * rest/pairs.h
 *	  The pairs of a query, "name=value&...".
 */
#ifndef LEAP_REST_PAIRS_H
#define LEAP_REST_PAIRS_H

#include "rest/tree.h"

typedef struct Pairs
{
	QueryPair *items; /* value NULL: there was no "=" */
	size_t count;
} Pairs;

/* Percent-decoded, "+" is a blank. */
Pairs pairs_split(Arena *arena, Slice query);

/* Sorted by name, percent-encoded; values of the same name are joined by commas. */
const char *pairs_canonical(Arena *arena, Pairs pairs);

#endif
