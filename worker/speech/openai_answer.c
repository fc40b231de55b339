/*
 * speech/openai_answer.c
 *	  Reading the answers of OpenAI-compatible transcription.
 */
#include "speech/openai_answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "speech/chunks.h"
#include "speech/language_name.h"
#include "speech/said.h"

typedef struct Reading
{
	const CutSpan *cuts;
	size_t cut_count;
	double length; /* of what was sent */
	SaidList words;
	SaidList segments;
	bool word_times;
	size_t outside; /* words behind the end that were left out */
} Reading;

static void
cleanup_reading(Reading *reading)
{
	said_free(&reading->words);
	said_free(&reading->segments);
}

static void
cleanup_said(SaidList *list)
{
	said_free(list);
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

/* Adds words, which are like `said` but for what they tell themselves; how many have times. */
static size_t
read_words(SaidList *list, const cJSON *words, Said said)
{
	double sure = said.confidence;
	size_t timed = 0;
	const cJSON *word;

	cJSON_ArrayForEach(word, words)
	{
		const char *text = json_text(word, "word", json_text(word, "text", ""));
		double end = time_at(word, "end");

		said.start = time_at(word, "start");
		said.end = isnan(end) || end < said.start ? said.start : end;
		said.confidence = word_confidence(word, sure);
		said_add(list, said, text, strlen(text));
		timed += !isnan(said.start);
	}
	return timed;
}

/* Adds the segments and, to `words` and `text`, the words that they tell and those that their
 * text consists of; how many have times. */
static size_t
read_segments(Reading *reading, const cJSON *segments, SaidList *words, SaidList *tokens)
{
	SaidList *list = &reading->segments;
	size_t timed = 0;
	const cJSON *segment;

	cJSON_ArrayForEach(segment, segments)
	{
		const char *text = json_text(segment, "text", "");
		double before = list->count > 0 ? list->items[list->count - 1].end : 0;
		double start = time_at(segment, "start");
		double end = time_at(segment, "end");
		Said said = {.confidence = segment_confidence(segment)};

		said.start = said.low = isnan(start) ? before : start;
		said.end = isnan(end) || end < said.start ? said.start : end;
		said.high = said.end > said.low ? said.end : INFINITY;
		said_add(list, said, text, strlen(text));
		said_add_words(tokens, said, text);
		timed += read_words(words, json_at(segment, "words"), said);
	}
	return timed;
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
settle(const Reading *reading, SaidList *list, bool words)
{
	for (size_t i = 0; i < list->count; i++)
	{
		Said *said = &list->items[i];
		double start = fmin(said->start, reading->length);
		double end = fmin(said->end, reading->length);
		Span span = chunk_source_span(reading->cuts, reading->cut_count, start,
									  words ? end : start);

		/* words lie in one part, a segment may reach over several */
		if (!words)
			span.end =
				fmax(span.end, chunk_source_time(reading->cuts, reading->cut_count, end));
		/* of words with one start the order counts */
		said->start = round(span.start * 1000) / 1000;
		said->end = span.end;
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

/* What is in no segment lies behind the one before it. */
static void
place_loose(SaidList *tokens)
{
	for (size_t i = 1; i < tokens->count; i++)
	{
		const Said *before = &tokens->items[i - 1];

		if (tokens->items[i].loose)
			tokens->items[i].low =
				before->loose || isinf(before->high) ? before->low : before->high;
	}
}

/* All words, in order: of the list that times more of them, of the segments, of the text. */
static void
read_all(Reading *reading, const cJSON *answer)
{
	const char *text = json_text(answer, "text", "");
	Said loose = {.high = INFINITY, .confidence = -1};
	CLEANUP(said) SaidList words = {NULL, 0, 0};
	CLEANUP(said) SaidList tokens = {NULL, 0, 0};
	CLEANUP(said) SaidList whole = {NULL, 0, 0};
	SaidList *best = &reading->words;
	size_t nested = read_segments(reading, json_at(answer, "segments"), best, &tokens);

	if (read_words(&words, json_at(answer, "words"), loose) > nested || best->count == 0)
	{
		SaidList less = *best;

		*best = words;
		words = less;
	}
	loose.loose = reading->segments.count > 0;
	if (best->count == 0 && !loose.loose)
	{
		loose.end = reading->length;
		said_add(&reading->segments, loose, text, strlen(text));
	}
	said_add_words(&whole, loose, text);
	said_merge(&tokens, &whole);
	place_loose(&tokens);
	said_merge(best, &tokens);
}

static bool
is_outside(const Reading *reading, const Said *said)
{
	return said->start >= reading->length + CHUNK_END_SLACK;
}

/* Takes out what lies behind the end. */
static void
leave_out(const Reading *reading, SaidList *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (is_outside(reading, &list->items[i]))
			free(list->items[i].text);
		else
			list->items[kept++] = list->items[i];
	list->count = kept;
}

/* Gives every word a time. A few words behind the end are imagined; when they are more, only
 * their times are. */
static void
give_times(Reading *reading)
{
	SaidList *words = &reading->words;
	double length = reading->length;
	size_t outside = 0;

	for (size_t i = 0; i < words->count; i++)
		length = fmax(length, words->items[i].end);
	for (size_t i = 0; i < reading->segments.count; i++)
		length = fmax(length, reading->segments.items[i].end);
	reading->word_times = !said_spread(words, length) && words->count > 0;
	for (size_t i = 0; i < words->count; i++)
		outside += is_outside(reading, &words->items[i]);
	leave_out(reading, &reading->segments);
	if ((double) outside <= CHUNK_OUTSIDE_SHARE * (double) words->count)
	{
		reading->outside = outside;
		leave_out(reading, words);
		return;
	}
	for (size_t i = 0; i < words->count; i++)
	{
		Said *word = &words->items[i];

		if (is_outside(reading, word))
			*word = (Said){NAN,        NAN,         0,   INFINITY, word->confidence,
						   word->text, word->order, true};
	}
	reading->word_times = false;
	(void) said_spread(words, reading->length);
}

/* Words that are in no segment form some of their own, where there are others. */
static void
add_loose(Reading *reading)
{
	const SaidList *words = &reading->words;

	for (size_t i = 0, to; reading->segments.count > 0 && i < words->count; i = to)
	{
		CLEANUP(buffer) Buffer text;
		Said segment = words->items[i];

		buffer_init(&text);
		to = i + 1;
		if (!segment.loose)
			continue;
		buffer_puts(&text, segment.text);
		for (; to < words->count && words->items[to].loose; to++)
			buffer_printf(&text, " %s", words->items[to].text);
		segment.end = words->items[to - 1].end;
		said_add(&reading->segments, segment, text.data, text.length);
	}
}

static bool
is_answer(const cJSON *answer)
{
	return cJSON_IsObject(answer) && (json_text(answer, "text", NULL) != NULL ||
									  cJSON_IsArray(json_at(answer, "segments")) ||
									  cJSON_IsArray(json_at(answer, "words")));
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
	if (!is_answer(answer))
		return error_set(
			err, ERROR_TRANSIENT, "bad_answer",
			"base_url must lead to a service that transcribes as OpenAI's does.",
			"the answer of %s is no transcription", shown);
	read_all(&reading, answer);
	give_times(&reading);
	add_loose(&reading);
	settle(&reading, &reading.segments, false);
	settle(&reading, &reading.words, true);
	lend_confidence(&reading);
	language_code_of(json_text(answer, "language", NULL), language);
	*heard = cJSON_CreateObject();
	cJSON_AddStringToObject(*heard, "language", language);
	cJSON_AddBoolToObject(*heard, "word_times", reading.word_times);
	cJSON_AddNumberToObject(*heard, "outside", (double) reading.outside);
	cJSON_AddItemToObject(*heard, "words", list_json(&reading.words, true));
	cJSON_AddItemToObject(*heard, "segments", list_json(&reading.segments, false));
	return true;
}
