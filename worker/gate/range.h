/*
 * gate/range.h
 *	  Which part of a file a request wants (RFC 9110, section 14).
 */
#ifndef LEAP_GATE_RANGE_H
#define LEAP_GATE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "http/head.h"

typedef enum RangeKind
{
	RANGE_WHOLE, /* no range, one that cannot be read, several, or of another version */
	RANGE_PART,
	RANGE_BEYOND, /* none of it is in the file: 416 */
	RANGE_SAME    /* If-None-Match: the client has this version: 304 */
} RangeKind;

typedef struct FileRange
{
	RangeKind kind;
	int64_t from;
	int64_t length;
} FileRange;

/* What the request wants of a file of so many bytes; etag with its quotes. Parts are for GET
 * only. */
FileRange range_read(const Head *head, const char *etag, int64_t bytes);

#endif
