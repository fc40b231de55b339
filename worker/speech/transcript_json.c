/*
 * speech/transcript_json.c
 *	  Transcripts as they travel and are stored (docs/protocol.md, section 5).
 */
#include "speech/transcript.h"

#include <math.h>
#include <string.h>

#define TRANSCRIPT_VERSION 1

static double
rounded(double value, double steps)
{
	return round(value * steps) / steps;
}

static cJSON *
words_to_json(const Transcript *transcript)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < transcript->word_count; i++)
	{
		const Word *word = &transcript->words[i];
		cJSON *item = cJSON_CreateObject();

		cJSON_AddNumberToObject(item, "id", (double) i);
		cJSON_AddNumberToObject(item, "start", word->start);
		cJSON_AddNumberToObject(item, "end", word->end);
		cJSON_AddStringToObject(item, "word", word->text);
		if (word->confidence >= 0)
			cJSON_AddNumberToObject(item, "confidence", rounded(word->confidence, 1000));
		cJSON_AddItemToArray(list, item);
	}
	return list;
}

static cJSON *
segments_to_json(const Transcript *transcript)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < transcript->segment_count; i++)
	{
		const Segment *segment = &transcript->segments[i];
		cJSON *item = cJSON_CreateObject();

		cJSON_AddNumberToObject(item, "id", (double) i);
		cJSON_AddNumberToObject(item, "start", segment->start);
		cJSON_AddNumberToObject(item, "end", segment->end);
		cJSON_AddStringToObject(item, "text", segment->text);
		cJSON_AddItemToArray(list, item);
	}
	return list;
}

cJSON *
transcript_to_json(const Transcript *transcript)
{
	cJSON *json = cJSON_CreateObject();
	cJSON *statistics = cJSON_CreateObject();
	double confidence = transcript_confidence(transcript);

	cJSON_AddNumberToObject(json, "version", TRANSCRIPT_VERSION);
	cJSON_AddStringToObject(json, "language", transcript->language);
	cJSON_AddStringToObject(json, "provider", transcript->provider);
	cJSON_AddStringToObject(json, "model", transcript->model);
	cJSON_AddNumberToObject(json, "duration", rounded(transcript->duration, 1000));
	cJSON_AddItemToObject(json, "words", words_to_json(transcript));
	cJSON_AddItemToObject(json, "segments", segments_to_json(transcript));
	cJSON_AddNumberToObject(statistics, "words", (double) transcript->word_count);
	cJSON_AddNumberToObject(statistics, "segments", (double) transcript->segment_count);
	cJSON_AddNumberToObject(statistics, "words_per_minute",
							rounded(transcript_pace(transcript), 10));
	if (confidence >= 0)
		cJSON_AddNumberToObject(statistics, "mean_confidence", rounded(confidence, 1000));
	else
		cJSON_AddNullToObject(statistics, "mean_confidence");
	cJSON_AddItemToObject(json, "statistics", statistics);
	return json;
}

static bool
bad_transcript(Error *err, const char *what, size_t index)
{
	return error_set(err, ERROR_PERMANENT, "bad_transcript",
					 "transcribe the recording again; if it happens again, the speech "
					 "provider answers in a shape that is not supported",
					 "item %zu of the transcript's \"%s\" lacks its text or finite times",
					 index, what);
}

/* Times and text of one word or segment. */
static bool
read_item(const cJSON *item, const char *text_key, double *start, double *end,
		  const char **text)
{
	const cJSON *from = cJSON_GetObjectItemCaseSensitive(item, "start");
	const cJSON *to = cJSON_GetObjectItemCaseSensitive(item, "end");

	*text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, text_key));
	if (*text == NULL || !cJSON_IsNumber(from) || !cJSON_IsNumber(to))
		return false;
	*start = cJSON_GetNumberValue(from);
	*end = cJSON_GetNumberValue(to);
	return isfinite(*start) && isfinite(*end);
}

static bool
read_words(const cJSON *list, Transcript *transcript, Error *err)
{
	const cJSON *item = NULL;
	const char *text = NULL;
	double start = 0;
	double end = 0;
	size_t index = 0;

	cJSON_ArrayForEach(item, list)
	{
		const cJSON *confidence = cJSON_GetObjectItemCaseSensitive(item, "confidence");

		if (!read_item(item, "word", &start, &end, &text))
			return bad_transcript(err, "words", index);
		transcript_add_word(
			transcript, start, end,
			cJSON_IsNumber(confidence) ? cJSON_GetNumberValue(confidence) : -1.0, text);
		index++;
	}
	return true;
}

static bool
read_segments(const cJSON *list, Transcript *transcript, Error *err)
{
	const cJSON *item = NULL;
	const char *text = NULL;
	double start = 0;
	double end = 0;
	size_t index = 0;

	cJSON_ArrayForEach(item, list)
	{
		if (!read_item(item, "text", &start, &end, &text))
			return bad_transcript(err, "segments", index);
		transcript_add_segment(transcript, start, end, text);
		index++;
	}
	return true;
}

static const char *
text_member(const cJSON *json, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));

	return text != NULL ? text : "";
}

bool
transcript_from_json(const cJSON *json, Transcript *transcript, Error *err)
{
	const cJSON *words = cJSON_GetObjectItemCaseSensitive(json, "words");
	const cJSON *segments = cJSON_GetObjectItemCaseSensitive(json, "segments");
	const cJSON *duration = cJSON_GetObjectItemCaseSensitive(json, "duration");

	memset(transcript, 0, sizeof *transcript);
	if (!cJSON_IsArray(words) || !cJSON_IsNumber(duration) ||
		!isfinite(cJSON_GetNumberValue(duration)) || cJSON_GetNumberValue(duration) < 0)
		return error_set(err, ERROR_PERMANENT, "bad_transcript",
						 "transcribe the recording again",
						 "a transcript needs \"words\" and a \"duration\" in seconds");
	transcript_init(transcript, text_member(json, "provider"), text_member(json, "model"),
					text_member(json, "language"), cJSON_GetNumberValue(duration));
	if (!read_words(words, transcript, err) || !read_segments(segments, transcript, err))
	{
		transcript_free(transcript);
		return false;
	}
	transcript_finish(transcript);
	return true;
}
