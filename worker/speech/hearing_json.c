/*
 * speech/hearing_json.c
 *	  Hearings as they are stored: lists instead of objects, there are many words.
 */
#include "speech/hearing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"

#define HEARD_VERSION 1

/* [start, end]; what belongs to it is added behind. */
static cJSON *
add_times(cJSON *list, double start, double end)
{
	cJSON *item = cJSON_CreateArray();

	cJSON_AddItemToArray(item, cJSON_CreateNumber(start));
	cJSON_AddItemToArray(item, cJSON_CreateNumber(end));
	cJSON_AddItemToArray(list, item);
	return item;
}

cJSON *
hearing_to_json(const Hearing *hearing)
{
	const Transcript *heard = &hearing->heard;
	cJSON *json = cJSON_CreateObject();
	cJSON *list;

	cJSON_AddNumberToObject(json, "version", HEARD_VERSION);
	cJSON_AddStringToObject(json, "audio_sha256", hearing->audio);
	cJSON_AddStringToObject(json, "settings_key", hearing->key);
	cJSON_AddItemToObject(json, "passed_over",
						  hearing->passed != NULL ? cJSON_Duplicate(hearing->passed, true)
												  : cJSON_CreateArray());
	cJSON_AddStringToObject(json, "provider", heard->provider);
	cJSON_AddStringToObject(json, "model", heard->model);
	cJSON_AddStringToObject(json, "language", heard->language);
	list = cJSON_AddArrayToObject(json, "spans");
	for (size_t i = 0; i < hearing->span_count; i++)
		(void) add_times(list, hearing->spans[i].start, hearing->spans[i].end);
	list = cJSON_AddArrayToObject(json, "words");
	for (size_t i = 0; i < heard->word_count; i++)
	{
		const Word *word = &heard->words[i];
		cJSON *item = add_times(list, word->start, word->end);
		double confidence = round(word->confidence * 1000) / 1000;

		cJSON_AddItemToArray(item, word->confidence < 0 ? cJSON_CreateNull()
														: cJSON_CreateNumber(confidence));
		cJSON_AddItemToArray(item, cJSON_CreateString(word->text));
	}
	list = cJSON_AddArrayToObject(json, "segments");
	for (size_t i = 0; i < heard->segment_count; i++)
	{
		const Segment *segment = &heard->segments[i];
		cJSON *item = add_times(list, segment->start, segment->end);

		cJSON_AddItemToArray(item, cJSON_CreateString(segment->text));
	}
	return json;
}

static bool
bad_heard(const char *what, Error *err)
{
	return error_set(err, ERROR_PERMANENT, "bad_heard", HINT_BUG,
					 "what was heard before cannot be read: its \"%s\"", what);
}

/* The two times an item begins with; *rest is what follows them. */
static bool
read_times(const cJSON *item, double *start, double *end, const cJSON **rest)
{
	const cJSON *first = cJSON_IsArray(item) ? item->child : NULL;
	const cJSON *second = first != NULL ? first->next : NULL;

	if (!cJSON_IsNumber(first) || !cJSON_IsNumber(second))
		return false;
	*start = first->valuedouble;
	*end = second->valuedouble;
	*rest = second->next;
	return isfinite(*start) && isfinite(*end) && *start >= 0 && *end <= SPANS_LATEST;
}

static bool
read_spans(const cJSON *list, Hearing *hearing)
{
	size_t room = 0;
	const cJSON *item;
	const cJSON *rest;
	Span span;

	cJSON_ArrayForEach(item, list)
	{
		if (!read_times(item, &span.start, &span.end, &rest) || span.end <= span.start ||
			(hearing->span_count > 0 &&
			 span.start < hearing->spans[hearing->span_count - 1].end))
			return false;
		hearing->spans =
			array_room(hearing->spans, &room, hearing->span_count + 1, sizeof span);
		hearing->spans[hearing->span_count++] = span;
	}
	return hearing->span_count > 0;
}

static bool
read_words(const cJSON *list, Transcript *heard)
{
	const cJSON *item;
	const cJSON *confidence;
	double start;
	double end;

	cJSON_ArrayForEach(item, list)
	{
		if (!read_times(item, &start, &end, &confidence) || confidence == NULL ||
			!cJSON_IsString(confidence->next))
			return false;
		transcript_add_word(heard, start, end,
							cJSON_IsNumber(confidence) ? confidence->valuedouble : -1.0,
							confidence->next->valuestring);
	}
	return true;
}

static bool
read_segments(const cJSON *list, Transcript *heard)
{
	const cJSON *item;
	const cJSON *text;
	double start;
	double end;

	cJSON_ArrayForEach(item, list)
	{
		if (!read_times(item, &start, &end, &text) || !cJSON_IsString(text))
			return false;
		transcript_add_segment(heard, start, end, text->valuestring);
	}
	return true;
}

static const char *
read_lists(const cJSON *json, Hearing *hearing)
{
	if (json_number(json, "version", 0) != HEARD_VERSION)
		return "version";
	if (!cJSON_IsArray(json_at(json, "passed_over")))
		return "passed_over";
	if (!read_spans(json_at(json, "spans"), hearing))
		return "spans";
	if (!read_words(json_at(json, "words"), &hearing->heard))
		return "words";
	return read_segments(json_at(json, "segments"), &hearing->heard) ? NULL : "segments";
}

bool
hearing_from_json(const cJSON *json, Hearing *hearing, Error *err)
{
	const char *bad;

	*hearing = (Hearing){.spans = NULL};
	transcript_init(&hearing->heard, json_text(json, "provider", ""),
					json_text(json, "model", ""), json_text(json, "language", ""), 0);
	bad = read_lists(json, hearing);
	if (bad != NULL)
	{
		hearing_free(hearing);
		return bad_heard(bad, err);
	}
	snprintf(hearing->audio, sizeof hearing->audio, "%s",
			 json_text(json, "audio_sha256", ""));
	snprintf(hearing->key, sizeof hearing->key, "%s",
			 json_text(json, "settings_key", ""));
	hearing->passed = cJSON_Duplicate(json_at(json, "passed_over"), true);
	hearing->heard.duration = SPANS_LATEST;
	transcript_finish(&hearing->heard);
	return true;
}
