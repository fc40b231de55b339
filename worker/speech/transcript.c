/*
 * speech/transcript.c
 *	  Building, checking and writing transcripts.
 */
#include "speech/transcript.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "speech/sentence.h"

#define SHORTEST_WORD 0.1

void
transcript_init(Transcript *transcript, const char *provider, const char *model,
				const char *language, double duration)
{
	memset(transcript, 0, sizeof *transcript);
	snprintf(transcript->provider, sizeof transcript->provider, "%s", provider);
	snprintf(transcript->model, sizeof transcript->model, "%s", model);
	snprintf(transcript->language, sizeof transcript->language, "%s", language);
	transcript->duration = duration;
}

static double
milliseconds(double seconds)
{
	return round(seconds * 1000.0) / 1000.0;
}

/* A copy of text without the blanks around it; NULL when nothing is left. */
static char *
trimmed(const char *text)
{
	size_t length;
	char *copy;

	while (isspace((unsigned char) *text))
		text++;
	length = strlen(text);
	while (length > 0 && isspace((unsigned char) text[length - 1]))
		length--;
	if (length == 0)
		return NULL;
	copy = array_new(length + 1, 1);
	memcpy(copy, text, length);
	return copy;
}

void
transcript_add_word(Transcript *transcript, double start, double end, double confidence,
					const char *text)
{
	char *copy = trimmed(text);

	if (copy == NULL)
		return;
	transcript->words = array_room(transcript->words, &transcript->word_room,
								   transcript->word_count + 1, sizeof(Word));
	transcript->words[transcript->word_count++] =
		(Word){start, end, fmin(confidence, 1), copy};
}

void
transcript_add_segment(Transcript *transcript, double start, double end, const char *text)
{
	char *copy = trimmed(text);

	if (copy == NULL)
		return;
	transcript->segments = array_room(transcript->segments, &transcript->segment_room,
									  transcript->segment_count + 1, sizeof(Segment));
	transcript->segments[transcript->segment_count++] = (Segment){start, end, copy};
}

/* Both kinds begin with start and end: one order for both. */
static int
by_start(const void *left, const void *right)
{
	const double *a = left;
	const double *b = right;

	if (a[0] != b[0])
		return a[0] < b[0] ? -1 : 1;
	return (a[1] > b[1]) - (a[1] < b[1]);
}

static void
tidy_times(double *start, double *end, double duration)
{
	*start = milliseconds(fmin(fmax(*start, 0), duration));
	*end = milliseconds(fmin(*end, duration));
	if (*end <= *start)
		*end = milliseconds(*start + SHORTEST_WORD);
}

void
transcript_join_words(Transcript *transcript, size_t from, size_t to)
{
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	for (size_t i = from; i < to; i++)
	{
		buffer_puts(&text, i > from ? " " : "");
		buffer_puts(&text, transcript->words[i].text);
	}
	transcript_add_segment(transcript, transcript->words[from].start,
						   transcript->words[to - 1].end, text.data);
}

void
transcript_join_utterances(Transcript *transcript, size_t from, size_t to)
{
	while (from < to)
	{
		size_t end = sentence_end(transcript->words, to, from);

		transcript_join_words(transcript, from, end);
		from = end;
	}
}

void
transcript_finish(Transcript *transcript)
{
	for (size_t i = 0; i < transcript->word_count; i++)
		tidy_times(&transcript->words[i].start, &transcript->words[i].end,
				   transcript->duration);
	for (size_t i = 0; i < transcript->segment_count; i++)
		tidy_times(&transcript->segments[i].start, &transcript->segments[i].end,
				   transcript->duration);
	if (transcript->word_count > 1)
		qsort(transcript->words, transcript->word_count, sizeof(Word), by_start);
	if (transcript->segment_count > 1)
		qsort(transcript->segments, transcript->segment_count, sizeof(Segment), by_start);
	if (transcript->segment_count == 0)
		transcript_join_utterances(transcript, 0, transcript->word_count);
}

double
transcript_pace(const Transcript *transcript)
{
	if (transcript->duration <= 0)
		return 0;
	return (double) transcript->word_count / (transcript->duration / 60.0);
}

double
transcript_confidence(const Transcript *transcript)
{
	double sum = 0;
	size_t known = 0;

	for (size_t i = 0; i < transcript->word_count; i++)
	{
		if (transcript->words[i].confidence < 0)
			continue;
		sum += transcript->words[i].confidence;
		known++;
	}
	return known > 0 ? sum / (double) known : -1.0;
}

void
transcript_text(const Transcript *transcript, Buffer *text)
{
	for (size_t i = 0; i < transcript->segment_count; i++)
	{
		buffer_puts(text, transcript->segments[i].text);
		buffer_puts(text, "\n");
	}
}

void
transcript_free(Transcript *transcript)
{
	for (size_t i = 0; i < transcript->word_count; i++)
		free(transcript->words[i].text);
	for (size_t i = 0; i < transcript->segment_count; i++)
		free(transcript->segments[i].text);
	free(transcript->words);
	free(transcript->segments);
	memset(transcript, 0, sizeof *transcript);
}
