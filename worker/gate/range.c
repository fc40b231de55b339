/*
 * gate/range.c
 *	  Reading Range, If-Range and If-None-Match.
 */
#include "gate/range.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Digits, at most 18 of them; false: none, too many, or something else. */
static bool
read_number(const char *at, size_t length, int64_t *number)
{
	*number = 0;
	if (length == 0 || length > 18)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		if (at[i] < '0' || at[i] > '9')
			return false;
		*number = *number * 10 + (at[i] - '0');
	}
	return true;
}

/* One "FROM-TO", "FROM-" or "-LAST". */
static FileRange
read_part(const char *at, size_t length, int64_t bytes)
{
	const FileRange whole = {RANGE_WHOLE, 0, bytes};
	const FileRange beyond = {RANGE_BEYOND, 0, 0};
	const char *dash = memchr(at, '-', length);
	size_t before = dash != NULL ? (size_t) (dash - at) : 0;
	size_t behind = dash != NULL ? length - before - 1 : 0;
	int64_t from = 0;
	int64_t to = bytes - 1;

	if (dash == NULL || (before > 0 && !read_number(at, before, &from)) ||
		(behind > 0 && !read_number(dash + 1, behind, &to)) || before + behind == 0)
		return whole;
	if (before == 0)
	{
		from = to < bytes ? bytes - to : 0;
		if (to == 0)
			return beyond;
		to = bytes - 1;
	}
	else if (behind > 0 && to < from)
		return whole;
	if (from >= bytes)
		return beyond;
	to = to < bytes ? to : bytes - 1;
	return (FileRange){RANGE_PART, from, to - from + 1};
}

/* A version that is only as good as ours (W/) is good enough to keep. */
static bool
names_version(Slice list, const char *etag)
{
	char weak[128];

	(void) snprintf(weak, sizeof weak, "W/%s", etag);
	return slice_lists(list, etag) || slice_lists(list, weak);
}

FileRange
range_read(const Head *head, const char *etag, int64_t bytes)
{
	static const char unit[] = "bytes=";
	const Slice *match = head_field(head, "if-none-match");
	const Slice *condition = head_field(head, "if-range");
	const Slice *range = head_field(head, "range");
	const FileRange whole = {RANGE_WHOLE, 0, bytes};

	if (match != NULL && (slice_is(*match, "*") || names_version(*match, etag)))
		return (FileRange){RANGE_SAME, 0, 0};
	if (range == NULL || !slice_is(head->method, "GET") ||
		(condition != NULL && !slice_is(*condition, etag)) ||
		range->length < strlen(unit) || strncasecmp(range->at, unit, strlen(unit)) != 0 ||
		memchr(range->at, ',', range->length) != NULL)
		return whole;
	return read_part(range->at + strlen(unit), range->length - strlen(unit), bytes);
}
