/*
 * base/ranges.h
 *	  Which parts of something are there: ranges of offsets, in order, apart from each other.
 */
#ifndef LEAP_BASE_RANGES_H
#define LEAP_BASE_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RANGES_MOST 64

/* From `from` up to, but without, `to`. */
typedef struct Range
{
	int64_t from;
	int64_t to;
} Range;

/* All zeros is none. */
typedef struct Ranges
{
	Range list[RANGES_MOST];
	size_t count;
} Ranges;

/* Adds a range; what touches or overlaps becomes one. False, and nothing changed, for one
 * that is none (0 <= from < to) and where RANGES_MOST would not do. */
bool ranges_add(Ranges *ranges, int64_t from, int64_t to);

/* Where what is there from offset on ends; the offset itself when nothing is there. */
int64_t ranges_end(const Ranges *ranges, int64_t offset);

/* Where the first range begins that lies behind offset; INT64_MAX when there is none. */
int64_t ranges_next(const Ranges *ranges, int64_t offset);

#endif
