/*
 * rest/prefer.h
 *	  The Prefer field: what the client would like, and what was done of it.
 */
#ifndef LEAP_REST_PREFER_H
#define LEAP_REST_PREFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "http/head.h"
#include "rest/error.h"

typedef enum PreferReturn
{
	RETURN_UNSAID,
	RETURN_MINIMAL,
	RETURN_HEADERS_ONLY,
	RETURN_REPRESENTATION
} PreferReturn;

typedef enum PreferCount
{
	COUNT_NONE,
	COUNT_EXACT,
	COUNT_PLANNED,
	COUNT_ESTIMATED
} PreferCount;

typedef enum PreferResolution
{
	RESOLUTION_UNSAID,
	RESOLUTION_MERGE,
	RESOLUTION_IGNORE
} PreferResolution;

typedef enum PreferMissing
{
	MISSING_UNSAID,
	MISSING_NULL,
	MISSING_DEFAULT
} PreferMissing;

typedef enum PreferHandling
{
	HANDLING_UNSAID,
	HANDLING_LENIENT,
	HANDLING_STRICT
} PreferHandling;

typedef enum PreferEnd
{
	END_UNSAID,
	END_COMMIT,
	END_ROLLBACK
} PreferEnd;

typedef struct Prefer
{
	PreferReturn returns;
	PreferCount count;
	PreferResolution resolution;
	PreferMissing missing;
	PreferHandling handling;
	PreferEnd end;
	const char *timezone; /* NULL = unsaid; not yet checked by the database */
	int64_t max_affected; /* -1 = unsaid */
	const char *invalid;  /* tokens nobody knows, "a, b"; NULL = none */
} Prefer;

/* Reads the field (several ones joined by ", "). Never fails: prefer_check() complains
 * (PGRST122) when handling=strict and there is something invalid. */
void prefer_read(Arena *arena, Slice field, bool end_allowed, Prefer *prefer);
bool prefer_check(const Prefer *prefer, Arena *arena, RestError *error);

/* Appends "Preference-Applied: ...\r\n", nothing when nothing was applied. */
void prefer_applied(const Prefer *prefer, Buffer *fields);

#endif
