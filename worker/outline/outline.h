/*
 * outline/outline.h
 *	  What an outline provider is: transcript in, topics with times out. One file a provider.
 */
#ifndef LEAP_OUTLINE_OUTLINE_H
#define LEAP_OUTLINE_OUTLINE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"

typedef struct OutlineRequest
{
	const cJSON *transcript; /* docs/protocol.md, section 5 */
	const char *granularity; /* "short", "medium", "long": how many topics; NULL: long */
	double duration;         /* of the lesson, seconds; 0: as the transcript says */
} OutlineRequest;

typedef struct Outline
{
	const char *name;
	const char *purpose; /* for people */
	bool (*make)(const OutlineRequest *request, cJSON **outline, Error *err);
} Outline;

/* All providers; the first is the default. A row without name ends the table. */
extern const Outline outline_table[];

/* The provider of that name; NULL and "" name the default. NULL when unknown. */
const Outline *outline_find(const char *name);

/*
 * Makes the outline with that provider: *outline is docs/protocol.md section 5, owned by the
 * caller. Refusals: provider_unknown, bad_granularity, bad_transcript (permanent), no_words
 * (input).
 */
bool outline_make(const char *provider, const OutlineRequest *request, cJSON **outline,
				  Error *err);

/* The providers. */
bool outline_embedded(const OutlineRequest *request, cJSON **outline, Error *err);

#endif
