/*
 * base/ranges.c
 *	  Ranges of offsets, in order, apart from each other.
 */
#include "base/ranges.h"

#include <string.h>

/* The first range that ends at or behind offset. */
static size_t
find(const Ranges *ranges, int64_t offset)
{
	size_t at = 0;

	while (at < ranges->count && ranges->list[at].to < offset)
		at++;
	return at;
}

bool
ranges_add(Ranges *ranges, int64_t from, int64_t to)
{
	size_t first = find(ranges, from);
	size_t behind = first;

	if (from < 0 || from >= to)
		return false;
	for (; behind < ranges->count && ranges->list[behind].from <= to; behind++)
	{
		from = ranges->list[behind].from < from ? ranges->list[behind].from : from;
		to = ranges->list[behind].to > to ? ranges->list[behind].to : to;
	}
	if (behind == first && ranges->count == RANGES_MOST)
		return false;
	memmove(ranges->list + first + 1, ranges->list + behind,
			(ranges->count - behind) * sizeof ranges->list[0]);
	ranges->list[first] = (Range){from, to};
	ranges->count = ranges->count - (behind - first) + 1;
	return true;
}

int64_t
ranges_end(const Ranges *ranges, int64_t offset)
{
	size_t at = find(ranges, offset);

	if (at < ranges->count && ranges->list[at].from <= offset)
		return ranges->list[at].to;
	return offset;
}

int64_t
ranges_next(const Ranges *ranges, int64_t offset)
{
	for (size_t at = find(ranges, offset); at < ranges->count; at++)
		if (ranges->list[at].from > offset)
			return ranges->list[at].from;
	return INT64_MAX;
}
