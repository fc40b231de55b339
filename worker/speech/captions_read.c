/*
 * speech/captions_read.c
 *	  Caption files: their cues in order, each line once, and words spread over them.
 */
#include "speech/captions_read.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "speech/captions_cue.h"
#include "speech/cues.h"

#define ROLLING_SHARE 0.3 /* of cues that begin with what the one before showed */
#define ROLLING_GAP   0.5 /* seconds between such cues at most */
#define MOST_LINES    8   /* of a cue */

typedef struct CaptionCue
{
	double start;
	double end;
	size_t number; /* as it stands in the file */
	CaptionLine lines[MOST_LINES];
	size_t first; /* of its lines that is new */
	size_t count;
} CaptionCue;

typedef struct Captions
{
	bool webvtt;    /* where only a line without a blank ends a cue */
	const char *at; /* what is still to be read */
	const char *end;
	CaptionCue *cues;
	size_t count;
	size_t room;
} Captions;

static bool
next_line(Captions *captions, CaptionLine *line)
{
	const char *at = captions->at;

	if (at >= captions->end)
		return false;
	while (captions->at < captions->end && *captions->at != '\n' && *captions->at != '\r')
		captions->at++;
	*line = (CaptionLine){at, (size_t) (captions->at - at)};
	if (captions->at + 1 < captions->end && captions->at[0] == '\r' &&
		captions->at[1] == '\n')
		captions->at++;
	captions->at++;
	return true;
}

static bool
is_empty(CaptionLine line)
{
	for (size_t i = 0; i < line.length; i++)
		if (!isspace((unsigned char) line.text[i]))
			return false;
	return true;
}

static bool
ends_cue(const Captions *captions, CaptionLine line)
{
	return captions->webvtt ? line.length == 0 : is_empty(line);
}

static bool
has_arrow(CaptionLine line)
{
	return memmem(line.text, line.length, "-->", 3) != NULL;
}

static bool
begins_with(CaptionLine line, const char *word)
{
	size_t length = strlen(word);

	return line.length >= length && memcmp(line.text, word, length) == 0 &&
		   (line.length == length || isspace((unsigned char) line.text[length]));
}

/* The number of a SubRip cue. */
static bool
is_number(CaptionLine line)
{
	for (size_t i = 0; i < line.length; i++)
		if (!isdigit((unsigned char) line.text[i]) &&
			!isspace((unsigned char) line.text[i]))
			return false;
	return !is_empty(line);
}

/* Reads the lines of a cue; what comes behind is read next. Where the blank line between
 * two cues is missing, the number of the next one is not text. */
static void
read_lines(Captions *captions, CaptionCue *cue)
{
	CaptionLine line;
	const char *before = captions->at;

	while (next_line(captions, &line) && !ends_cue(captions, line))
	{
		if (has_arrow(line))
		{
			captions->at = before;
			if (cue->count > 0 && is_number(cue->lines[cue->count - 1]))
				cue->count--;
			return;
		}
		if (cue->count < MOST_LINES && !is_empty(line))
			cue->lines[cue->count++] = line;
		before = captions->at;
	}
}

/* "Language: en" of the header. */
static void
read_header(CaptionLine line, Transcript *transcript)
{
	static const char key[] = "Language:";
	size_t at = sizeof key - 1;
	size_t length = 0;

	if (line.length < at || strncasecmp(line.text, key, at) != 0)
		return;
	while (at < line.length && isspace((unsigned char) line.text[at]))
		at++;
	while (at + length < line.length && length + 1 < sizeof transcript->language &&
		   (isalnum((unsigned char) line.text[at + length]) ||
			line.text[at + length] == '-'))
		length++;
	snprintf(transcript->language, sizeof transcript->language, "%.*s", (int) length,
			 line.text + at);
}

static void
skip_block(Captions *captions)
{
	CaptionLine line;

	while (next_line(captions, &line) && !is_empty(line))
		;
}

static void
read_cues(Captions *captions, Transcript *transcript)
{
	CaptionLine line;
	bool fresh = true; /* a block begins here */

	while (next_line(captions, &line))
	{
		CaptionCue cue = {.number = captions->count};

		if (fresh && (begins_with(line, "NOTE") || begins_with(line, "STYLE") ||
					  begins_with(line, "REGION")))
		{
			skip_block(captions);
			continue;
		}
		fresh = is_empty(line);
		if (captions->count == 0)
			read_header(line, transcript);
		if (!has_arrow(line) || !caption_times(line, &cue.start, &cue.end))
			continue;
		read_lines(captions, &cue);
		fresh = true;
		captions->cues =
			array_room(captions->cues, &captions->room, captions->count + 1, sizeof cue);
		captions->cues[captions->count++] = cue;
	}
}

static int
by_start(const void *left, const void *right)
{
	const CaptionCue *a = left;
	const CaptionCue *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* The words of both lines are the same, whatever their markup. */
static bool
says_the_same(CaptionLine one, CaptionLine other)
{
	Buffer words[2];
	CaptionLine lines[2] = {one, other};
	bool same;

	for (int i = 0; i < 2; i++)
	{
		Buffer all;

		buffer_init(&words[i]);
		buffer_init(&all);
		caption_words(lines[i], &all);
		for (size_t at = 0; at < all.length; at += strlen(all.data + at) + 1)
			if (all.data[at] != '\1')
				buffer_append(&words[i], all.data + at, strlen(all.data + at) + 1);
		buffer_free(&all);
	}
	same = words[0].length == words[1].length && words[0].length > 0 &&
		   memcmp(words[0].data, words[1].data, words[0].length) == 0;
	buffer_free(&words[0]);
	buffer_free(&words[1]);
	return same;
}

/* How many lines of a cue the one before showed already, at its end. */
static size_t
shown_lines(const CaptionCue *before, const CaptionCue *cue)
{
	size_t most = before->count < cue->count ? before->count : cue->count;

	if (cue->start > before->end + ROLLING_GAP)
		return 0;
	for (size_t count = most; count > 0; count--)
	{
		size_t same = 0;

		while (same < count && says_the_same(before->lines[before->count - count + same],
											 cue->lines[same]))
			same++;
		if (same == count)
			return count;
	}
	return 0;
}

/* Takes lines out that roll up, if this is how the file works. */
static void
drop_shown(Captions *captions)
{
	size_t rolling = 0;

	for (size_t i = 1; i < captions->count; i++)
	{
		captions->cues[i].first = shown_lines(&captions->cues[i - 1], &captions->cues[i]);
		rolling += captions->cues[i].first > 0;
	}
	for (size_t i = 1; i < captions->count; i++)
		if ((double) rolling < ROLLING_SHARE * (double) (captions->count - 1))
			captions->cues[i].first = 0;
}

/* So long a word takes, beside others. */
static double
weight_of(const char *word)
{
	double weight = 1;

	while (*word != '\0')
	{
		(void) utf8_next(&word);
		weight++;
	}
	return weight;
}

/* The times at which the words of a cue may lie, from one that is told to the next. */
static void
spread(const char *words, size_t length, double start, double end, Transcript *transcript)
{
	double total = 0;
	double at = start;

	for (size_t i = 0; i < length; i += strlen(words + i) + 1)
		total += weight_of(words + i);
	for (size_t i = 0; i < length; i += strlen(words + i) + 1)
	{
		double next = at + (end - start) * weight_of(words + i) / total;

		transcript_add_word(transcript, at, next, -1, words + i);
		at = next;
	}
}

/* Adds the words of a cue between two times. */
static void
add_words(const Buffer *words, double start, double end, Transcript *transcript)
{
	size_t from = 0;

	for (size_t at = 0; at < words->length; at += strlen(words->data + at) + 1)
	{
		double time;

		if (words->data[at] != '\1')
			continue;
		time = fmin(fmax(strtod(words->data + at + 1, NULL), start), end);
		spread(words->data + from, at - from, start, time, transcript);
		start = time;
		from = at + strlen(words->data + at) + 1;
	}
	spread(words->data + from, words->length - from, start, end, transcript);
}

static void
collect(const CaptionCue *cue, Buffer *words)
{
	for (size_t i = cue->first; i < cue->count; i++)
		caption_words(cue->lines[i], words);
}

/* Whoever made cues decided what belongs together: each is a segment. Those that nobody could
 * read, a word each perhaps, are taken for utterances together. */
static void
add_segments(Transcript *transcript, size_t *pending, size_t first, bool readable)
{
	if (!readable && transcript->word_count > first)
		return;
	transcript_join_utterances(transcript, *pending, first);
	if (transcript->word_count > first)
		transcript_join_words(transcript, first, transcript->word_count);
	*pending = transcript->word_count;
}

/* All cues that begin at the same moment have their words behind each other, until the next
 * one begins. */
static void
add_cues(const Captions *captions, Transcript *transcript)
{
	size_t pending = 0; /* the first word without a segment */

	for (size_t from = 0, to = 0; from < captions->count; from = to)
	{
		double start = captions->cues[from].start;
		double end = start;
		size_t first = transcript->word_count;
		Buffer words;

		buffer_init(&words);
		for (; to < captions->count && captions->cues[to].start <= start; to++)
		{
			end = fmax(end, captions->cues[to].end);
			collect(&captions->cues[to], &words);
		}
		if (to < captions->count)
			end = fmin(end, captions->cues[to].start);
		if (words.length > 0)
		{
			add_words(&words, start, end, transcript);
			add_segments(transcript, &pending, first, end - start >= CUE_SHORTEST);
		}
		buffer_free(&words);
	}
	add_segments(transcript, &pending, transcript->word_count, true);
}

static bool
refuse(const char *what, Error *err)
{
	return error_set(err, ERROR_INPUT, "bad_captions",
					 "Give captions as WebVTT or SubRip (.vtt, .srt), in UTF-8.",
					 "the captions cannot be read: %s", what);
}

bool
captions_read(const char *text, size_t length, Transcript *transcript, Error *err)
{
	Captions captions = {.at = text, .end = text + length};

	transcript_init(transcript, CAPTIONS_PROVIDER, "", "", 0);
	if (length > CAPTIONS_MOST_BYTES)
		return refuse("they are larger than 10 MiB", err);
	if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		captions.at += 3;
	captions.webvtt =
		captions.end - captions.at >= 6 && memcmp(captions.at, "WEBVTT", 6) == 0;
	read_cues(&captions, transcript);
	if (captions.count == 0)
		return refuse("there is no line like 00:00:01.000 --> 00:00:04.000", err);
	qsort(captions.cues, captions.count, sizeof(CaptionCue), by_start);
	drop_shown(&captions);
	for (size_t i = 0; i < captions.count; i++)
		transcript->duration = fmax(transcript->duration, captions.cues[i].end);
	add_cues(&captions, transcript);
	free(captions.cues);
	transcript_finish(transcript);
	return true;
}
