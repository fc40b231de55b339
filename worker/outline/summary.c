/*
 * outline/summary.c
 *	  Extractive summary.
 */
#include "outline/summary.h"

#include <math.h>
#include <stdbool.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/utf8.h"

#define SENTENCES   3
#define LEAST_WORDS 4 /* content words of an utterance worth quoting */

static size_t
content_words(const Topics *topics, size_t topic)
{
	size_t words = 0;

	for (size_t i = topics->starts[topic]; i < topic_end(topics, topic); i++)
		for (size_t k = 0; k < topics->lecture->utterances[i].token_count; k++)
			words += topics->lecture->utterances[i].tokens[k].stem != NO_STEM;
	return words;
}

/* How well an utterance covers the topic; counts holds the stems of the topic, and a stem
 * counts once an utterance. */
static double
coverage(const Utterance *utterance, const size_t *counts, bool *seen)
{
	double sum = 0;
	size_t words = 0;

	for (size_t k = 0; k < utterance->token_count; k++)
	{
		int stem = utterance->tokens[k].stem;

		if (stem == NO_STEM)
			continue;
		words++;
		if (!seen[stem] && counts[stem] > 1)
			sum += log(1.0 + (double) counts[stem]);
		seen[stem] = true;
	}
	for (size_t k = 0; k < utterance->token_count; k++)
		if (utterance->tokens[k].stem != NO_STEM)
			seen[utterance->tokens[k].stem] = false;
	/* the root keeps the longest utterance from winning by its length alone */
	return words < LEAST_WORDS ? 0 : sum / sqrt((double) words + 3.0);
}

/* The utterance that covers the topic best; false when none does. */
static bool
best_utterance(const Topics *topics, size_t topic, size_t *best)
{
	const Lecture *lecture = topics->lecture;
	CLEANUP(free) size_t *counts = array_new(lecture->stem_count, sizeof *counts);
	CLEANUP(free) bool *seen = array_new(lecture->stem_count, sizeof *seen);
	double most = 0;

	for (size_t i = topics->starts[topic]; i < topic_end(topics, topic); i++)
		for (size_t k = 0; k < lecture->utterances[i].token_count; k++)
			if (lecture->utterances[i].tokens[k].stem != NO_STEM)
				counts[lecture->utterances[i].tokens[k].stem]++;
	for (size_t i = topics->starts[topic]; i < topic_end(topics, topic); i++)
	{
		double covered = coverage(&lecture->utterances[i], counts, seen);

		if (covered > most)
		{
			most = covered;
			*best = i;
		}
	}
	return most > 0;
}

/* A sentence begins with a capital and ends with a stop, whatever the recogniser wrote. */
static void
put_sentence(const char *text, Buffer *summary)
{
	static const char *const stops[] = {".", "!", "?", "…"};
	const char *rest = text;
	char first[4];
	size_t length = utf8_put(utf8_upper(utf8_next(&rest)), first);
	bool ended = false;

	if (*text == '\0')
		return;
	buffer_puts(summary, summary->length > 0 ? " " : "");
	buffer_append(summary, first, length);
	buffer_puts(summary, rest);
	for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
		ended |=
			summary->length >= strlen(stops[i]) &&
			strcmp(summary->data + summary->length - strlen(stops[i]), stops[i]) == 0;
	buffer_puts(summary, ended ? "" : ".");
}

void
summary_write(const Topics *topics, Buffer *summary)
{
	CLEANUP(free) size_t *sizes = array_new(topics->count, sizeof *sizes);
	CLEANUP(free) bool *chosen = array_new(topics->count, sizeof *chosen);

	for (size_t i = 0; i < topics->count; i++)
		sizes[i] = content_words(topics, i);
	for (size_t round = 0; round < SENTENCES; round++)
	{
		size_t largest = 0;

		for (size_t i = 1; i < topics->count; i++)
			if (sizes[i] > sizes[largest])
				largest = i;
		chosen[largest] |= sizes[largest] > 0;
		sizes[largest] = 0;
	}
	for (size_t i = 0; i < topics->count; i++)
	{
		size_t utterance = 0;

		if (chosen[i] && best_utterance(topics, i, &utterance))
			put_sentence(topics->lecture->utterances[utterance].text, summary);
	}
}
