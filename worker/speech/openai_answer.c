/*
 * speech/openai_answer.c
 *	  Reading the answers of OpenAI-compatible transcription.
 */
#include "speech/openai_answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "speech/chunks.h"
#include "speech/join.h"
#include "speech/language_name.h"

#define LOOK_AHEAD 4 /* tokens in which a word's spelling is looked for */

/* A word or a segment, in the time of what was sent until `settle`. */
typedef struct Said
{
	double start;
	double end;
	double confidence; /* negative: unknown */
	char *text;
	size_t order; /* as it came */
} Said;

typedef struct SaidList
{
	Said *items;
	size_t count;
	size_t room;
} SaidList;

typedef struct Reading
{
	const CutSpan *cuts;
	size_t cut_count;
	double length; /* of what was sent */
	SaidList words;
	SaidList segments;
	bool word_times;
} Reading;

static void
cleanup_list(SaidList *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].text);
	free(list->items);
}

static void
cleanup_reading(Reading *reading)
{
	cleanup_list(&reading->words);
	cleanup_list(&reading->segments);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Appends a text without the blanks around it; nothing for a blank one. */
static void
add(SaidList *list, double start, double end, double confidence, const char *text,
	size_t length)
{
	while (length > 0 && is_blank(*text))
	{
		text++;
		length--;
	}
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	if (length == 0)
		return;
	list->items =
		array_room(list->items, &list->room, list->count + 1, sizeof *list->items);
	list->items[list->count] =
		(Said){start, end, confidence, array_check(strndup(text, length)), list->count};
	list->count++;
}

/* A time, or NAN for what is none: null, a text, less than nothing. */
static double
time_at(const cJSON *item, const char *name)
{
	double time = json_number(item, name, NAN);

	return isfinite(time) && time >= 0 ? time : NAN;
}

/* How sure a segment is: of what its words lack. */
static double
segment_confidence(const cJSON *segment)
{
	double logprob = json_number(segment, "avg_logprob", NAN);
	double silent = json_number(segment, "no_speech_prob", NAN);
	double sure = isfinite(logprob) ? exp(fmin(logprob, 0)) : -1;

	if (isfinite(silent) && silent >= 0 && silent <= 1)
		sure = sure < 0 ? 1 - silent : fmin(sure, 1 - silent);
	return sure;
}

static double
word_confidence(const cJSON *word, double otherwise)
{
	static const char *const names[] = {"confidence", "probability", "score"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
	{
		double sure = json_number(word, names[i], NAN);

		if (isfinite(sure) && sure >= 0 && sure <= 1)
			return sure;
	}
	return otherwise;
}

/* Words with times; one without goes on from where the one before ended. */
static void
read_words(Reading *reading, const cJSON *words, double confidence)
{
	SaidList *list = &reading->words;
	const cJSON *word;

	cJSON_ArrayForEach(word, words)
	{
		const char *text = json_text(word, "word", json_text(word, "text", NULL));
		double before = list->count > 0 ? list->items[list->count - 1].end : 0;
		double start = time_at(word, "start");
		double end = time_at(word, "end");

		if (text == NULL)
			continue;
		start = isnan(start) ? before : start;
		end = isnan(end) || end < start ? start : end;
		add(list, start, end, word_confidence(word, confidence), text, strlen(text));
	}
}

/* A text over a stretch of time, to each word a share by its length. */
static void
spread(Reading *reading, const Said *segment)
{
	const char *text = segment->text;
	size_t total = strlen(text);
	double scale = total > 0 ? (segment->end - segment->start) / (double) total : 0;

	for (size_t at = 0; at < total;)
	{
		size_t length = 0;

		while (at + length < total && !is_blank(text[at + length]))
			length++;
		add(&reading->words, segment->start + scale * (double) at,
			segment->start + scale * (double) (at + length), segment->confidence,
			text + at, length);
		at += length + 1;
	}
}

static void
read_segments(Reading *reading, const cJSON *segments)
{
	SaidList *list = &reading->segments;
	const cJSON *segment;

	cJSON_ArrayForEach(segment, segments)
	{
		const char *text = json_text(segment, "text", "");
		double before = list->count > 0 ? list->items[list->count - 1].end : 0;
		double start = time_at(segment, "start");
		double end = time_at(segment, "end");

		start = isnan(start) ? before : start;
		end = isnan(end) || end < start ? start : end;
		add(list, start, end, segment_confidence(segment), text, strlen(text));
		read_words(reading, json_at(segment, "words"), segment_confidence(segment));
	}
}

static int
by_start(const void *left, const void *right)
{
	const Said *a = left;
	const Said *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Into source time, within what was sent, in order. */
static void
settle(const Reading *reading, SaidList *list)
{
	for (size_t i = 0; i < list->count; i++)
	{
		Said *said = &list->items[i];
		double start = fmin(said->start, reading->length);
		double end = fmin(said->end, reading->length);

		said->start = chunk_source_time(reading->cuts, reading->cut_count, start);
		said->end =
			fmax(said->start, chunk_source_time(reading->cuts, reading->cut_count, end));
	}
	if (list->count > 0)
		qsort(list->items, list->count, sizeof *list->items, by_start);
}

/* How sure the segment is that a word lies in. */
static void
lend_confidence(Reading *reading)
{
	size_t at = 0;

	for (size_t i = 0; i < reading->words.count; i++)
	{
		Said *word = &reading->words.items[i];
		double middle = (word->start + word->end) / 2;

		while (at + 1 < reading->segments.count &&
			   reading->segments.items[at + 1].start <= middle)
			at++;
		if (word->confidence < 0 && at < reading->segments.count)
			word->confidence = reading->segments.items[at].confidence;
	}
}

/* Words come without punctuation and case, segments with both: where a segment has the same
 * word, it is written as there. */
static void
lend_spelling(Reading *reading)
{
	SaidList tokens = {NULL, 0, 0};
	size_t at = 0;

	for (size_t i = 0; i < reading->segments.count; i++)
	{
		const char *text = reading->segments.items[i].text;

		while (*text != '\0')
		{
			size_t length = strcspn(text, " \t\r\n");

			add(&tokens, 0, 0, -1, text, length);
			text += length + (text[length] != '\0');
		}
	}
	for (size_t i = 0; i < reading->words.count; i++)
		for (size_t k = at; k < tokens.count && k < at + LOOK_AHEAD; k++)
			if (join_same_word(tokens.items[k].text, reading->words.items[i].text))
			{
				char *plain = reading->words.items[i].text;

				reading->words.items[i].text = tokens.items[k].text;
				tokens.items[k].text = plain;
				at = k + 1;
				break;
			}
	cleanup_list(&tokens);
}

/* A word ends in the part that it begins in. */
static void
keep_within_parts(const Reading *reading)
{
	for (size_t i = 0; i < reading->words.count; i++)
	{
		Said *word = &reading->words.items[i];

		for (size_t k = 0; k < reading->cut_count; k++)
			if (word->start >= reading->cuts[k].start &&
				word->start <= reading->cuts[k].end)
				word->end = fmin(word->end, reading->cuts[k].end);
	}
}

static cJSON *
rounded(double time)
{
	return cJSON_CreateNumber(round(time * 1000) / 1000);
}

static cJSON *
list_json(const SaidList *list, bool words)
{
	cJSON *json = cJSON_CreateArray();

	for (size_t i = 0; i < list->count; i++)
	{
		const Said *said = &list->items[i];
		cJSON *row = cJSON_CreateArray();

		cJSON_AddItemToArray(row, rounded(said->start));
		cJSON_AddItemToArray(row, rounded(said->end));
		if (words)
			cJSON_AddItemToArray(row, said->confidence < 0 ? cJSON_CreateNull()
														   : rounded(said->confidence));
		cJSON_AddItemToArray(row, cJSON_CreateString(said->text));
		cJSON_AddItemToArray(json, row);
	}
	return json;
}

/* Everything as it came, before it is brought into order. */
static bool
read_all(Reading *reading, const cJSON *answer)
{
	const char *text = json_text(answer, "text", NULL);

	if (!cJSON_IsObject(answer) ||
		(text == NULL && !cJSON_IsArray(json_at(answer, "segments")) &&
		 !cJSON_IsArray(json_at(answer, "words"))))
		return false;
	read_segments(reading, json_at(answer, "segments"));
	if (reading->words.count == 0)
		read_words(reading, json_at(answer, "words"), -1);
	reading->word_times = reading->words.count > 0;
	if (reading->words.count == 0 && reading->segments.count == 0 && text != NULL)
		add(&reading->segments, 0, reading->length, -1, text, strlen(text));
	for (size_t i = 0; !reading->word_times && i < reading->segments.count; i++)
		spread(reading, &reading->segments.items[i]);
	return true;
}

bool
openai_answer_read(const cJSON *answer, const CutSpan *cuts, size_t cut_count,
				   const char *shown, cJSON **heard, Error *err)
{
	const CutSpan *last = &cuts[cut_count - 1];
	CLEANUP(reading)
	Reading reading = {.cuts = cuts,
					   .cut_count = cut_count,
					   .length = last->at + last->end - last->start};
	char language[16];

	*heard = NULL;
	if (!read_all(&reading, answer))
		return error_set(
			err, ERROR_TRANSIENT, "bad_answer",
			"base_url must lead to a service that transcribes as OpenAI's does.",
			"the answer of %s is no transcription", shown);
	settle(&reading, &reading.segments);
	settle(&reading, &reading.words);
	keep_within_parts(&reading);
	lend_confidence(&reading);
	lend_spelling(&reading);
	language_code_of(json_text(answer, "language", NULL), language);
	*heard = cJSON_CreateObject();
	cJSON_AddStringToObject(*heard, "language", language);
	cJSON_AddBoolToObject(*heard, "word_times", reading.word_times);
	cJSON_AddItemToObject(*heard, "words", list_json(&reading.words, true));
	cJSON_AddItemToObject(*heard, "segments", list_json(&reading.segments, false));
	return true;
}
