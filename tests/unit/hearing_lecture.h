/*
 * tests/unit/hearing_lecture.h
 *	  A lecture that a provider of the tests of hearings knows: it says what of it lies in the spans.
 */
#ifndef LEAP_TESTS_HEARING_LECTURE_H
#define LEAP_TESTS_HEARING_LECTURE_H

#include "speech/chain.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "speech/heard.h"
#include "tap.h"

#define LENGTH 600 /* seconds of the lecture */
#define ROUNDS 400

static double asked; /* seconds that were listened to */
static unsigned seed = 1;
static bool with_captions;
static bool deaf;   /* it fails */
static bool strict; /* it hears only words that lie in a span as a whole */

static inline unsigned
chance(unsigned below)
{
	seed = seed * 1103515245U + 12345U;
	return (seed >> 16) % below;
}

/* Word i lies at 0.9 i for half a second; seconds 300 to 330 are a pause. */
static inline bool
is_said(int i)
{
	return 0.9 * i + 0.5 < 300 || 0.9 * i > 330;
}

static inline bool
know_all(const SpeechRequest *request, cJSON **heard, Error *err)
{
	cJSON *words;
	cJSON *segments;

	if (deaf)
		return error_set(err, ERROR_TRANSIENT, "deaf", NULL, "it does not answer");
	*heard = cJSON_CreateObject();
	words = cJSON_AddArrayToObject(*heard, "words");
	segments = cJSON_AddArrayToObject(*heard, "segments");
	for (size_t k = 0; k < request->span_count; k++)
	{
		cJSON *segment = NULL;

		asked += request->spans[k].end - request->spans[k].start;
		for (int i = 0; i < (int) (LENGTH / 0.9); i++)
		{
			double start = 0.9 * i;
			char name[16];
			cJSON *word;

			if (!is_said(i) || start + 0.25 < request->spans[k].start ||
				start + 0.25 >= request->spans[k].end)
				continue;
			if (strict &&
				(start < request->spans[k].start || start + 0.5 > request->spans[k].end))
				continue;
			snprintf(name, sizeof name, "w%d", i);
			word = cJSON_CreateObject();
			cJSON_AddNumberToObject(word, "start", start);
			cJSON_AddNumberToObject(word, "end", start + 0.5);
			cJSON_AddStringToObject(word, "word", name);
			cJSON_AddItemToArray(words, word);
			if (segment == NULL || i % 7 == 0)
			{
				segment = cJSON_CreateObject();
				cJSON_AddNumberToObject(segment, "start", start);
				cJSON_AddNumberToObject(segment, "end", start + 0.5);
				cJSON_AddStringToObject(segment, "text", name);
				cJSON_AddItemToArray(segments, segment);
				continue;
			}
			json_put(segment, "end", cJSON_CreateNumber(start + 0.5));
			{
				CLEANUP(buffer) Buffer text;

				buffer_init(&text);
				buffer_printf(&text, "%s %s", json_text(segment, "text", ""), name);
				json_put(segment, "text", cJSON_CreateString(text.data));
			}
		}
	}
	return true;
}

static const Speech table[] = {
	{"knows",    "for tests", know_all},
	{"captions", "for tests", know_all},
	{NULL,       NULL,        NULL    },
};

#define ONE "[{\"name\":\"one\",\"protocol\":\"knows\"}]"
#define TWO                                       \
	"[{\"name\":\"one\",\"protocol\":\"knows\"}," \
	"{\"name\":\"two\",\"protocol\":\"knows\"}]"

/* Listens to the spans, knowing these of before; the caller frees *now after a success. */
static inline bool
hear_knowing(const char *rows, const Span *spans, size_t count, Hearing *before,
			 size_t before_count, Hearing *now)
{
	static const Span pauses[] = {
		{300, 330}
    };
	CLEANUP(json) cJSON *providers = cJSON_Parse(rows);
	CLEANUP(chain) SpeechChain chain;
	SpeechRequest request = {
		.spans = spans, .span_count = count, .pauses = pauses, .pause_count = 1};
	Error err;
	bool done;

	request.captions = with_captions ? providers : NULL; /* some list */
	chain_begin(&chain, table, providers, NULL, NULL);
	asked = 0;
	done = chain_listen(&chain, &request, before, before_count, now, &err);
	if (!done)
		hearing_free(now);
	return done;
}

/* What is known before and after is *memory. */
static inline bool
hear(const char *rows, const Span *spans, size_t count, Hearing *memory)
{
	Hearing now;
	bool done = hear_knowing(rows, spans, count, memory, 1, &now);

	hearing_free(memory);
	if (done)
		*memory = now;
	return done;
}

static inline char *
text_of(const Hearing *hearing, const Span *spans, size_t count, char **segments)
{
	CutSpan *cuts = array_new(count, sizeof *cuts);
	CLEANUP(transcript) Transcript output;
	Buffer words;
	Buffer joined;
	double at = 0;

	for (size_t i = 0; i < count; at += spans[i].end - spans[i].start, i++)
		cuts[i] = (CutSpan){spans[i].start, spans[i].end, at};
	heard_retime(&hearing->heard, cuts, count, &output);
	free(cuts);
	buffer_init(&words);
	buffer_init(&joined);
	for (size_t i = 0; i < output.word_count; i++)
		buffer_printf(&words, "%s %.3f %.3f\n", output.words[i].text,
					  output.words[i].start, output.words[i].end);
	for (size_t i = 0; i < output.segment_count; i++)
		buffer_printf(&joined, "%s ", output.segments[i].text);
	*segments = array_text(joined.length > 0 ? joined.data : "");
	buffer_free(&joined);
	{
		char *text = array_text(words.length > 0 ? words.data : "");

		buffer_free(&words);
		return text;
	}
}

#endif
