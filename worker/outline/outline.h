/*
 * outline/outline.h
 *	  What an outline provider is: transcript in, topics with times out. One file a provider.
 */
#ifndef LEAP_OUTLINE_OUTLINE_H
#define LEAP_OUTLINE_OUTLINE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/report.h"

typedef struct OutlineRequest
{
	const cJSON *transcript; /* docs/protocol.md, section 5 */
	const char *granularity; /* "short", "medium", "long": how many topics; NULL: long */
	double duration;         /* of the lesson, seconds; 0: as the transcript says */
	int questions;           /* for self-check, 0..10; who writes none says so */

	/* What follows is for providers that ask a service. */
	const cJSON *provider; /* its row: name, base_url, model, settings */
	const char *key;       /* NULL: none. A secret */
	const Reporter *reporter;
	double from, to;       /* the part of the task's progress this is */
	const cJSON *progress; /* what an earlier attempt saved; NULL: nothing */

	/* Stores state (taken over) and usage durably before the service is asked; false with
	 * *err: do not go on. */
	bool (*save)(void *arg, cJSON *state, Error *err);
	void *save_arg;
	cJSON *usage; /* grows: {"requests","input_tokens","output_tokens"} of all attempts */
} OutlineRequest;

typedef struct Outline
{
	const char *protocol; /* as providers have it */
	const char *purpose;  /* for people */
	bool (*make)(const OutlineRequest *request, cJSON **outline, Error *err);
} Outline;

/* All protocols; the first is the default. A row without protocol ends the table. */
extern const Outline outline_table[];

/* The row of that protocol; NULL and "" name the default. NULL when unknown. */
const Outline *outline_find(const char *protocol);

/*
 * Makes the outline by that protocol: *outline is docs/protocol.md section 5, owned by the
 * caller, within the limits of its granularity (outline/normal.h). Refusals:
 * provider_unknown, bad_granularity, bad_transcript (permanent), no_words (input), and of
 * services those of net/json_post.h and outline_invalid (transient): no valid answer came.
 */
bool outline_make(const char *protocol, const OutlineRequest *request, cJSON **outline,
				  Error *err);

/* The providers. */
bool outline_embedded(const OutlineRequest *request, cJSON **outline, Error *err);
bool outline_openai(const OutlineRequest *request, cJSON **outline, Error *err);

#endif
