/*
 * speech/gate_text.c
 *	  Signs in what was said: the same again and again.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "speech/gate_check.h"

#define LONGEST_PLAIN 1024

/* three words in a row that come so often among at most so many are said over and over */
#define GRAM           3
#define OFTEN          6
#define SMALLEST_SCALE 100
#define LARGEST_SCALE  1600
#define REPEATED_PART  0.4 /* of the words of one scale */
#define REPEATED_WORDS 24

/* the same words behind each other */
#define LONGEST_LOOP 300 /* words that come again */
#define LOOP_WORDS   60  /* so many more than once, and three times over */
#define LOOP_TIMES   3
#define STUCK_WORDS  15 /* or so many, and eleven times over */
#define STUCK_TIMES  11
#define LOOP_MISTAKE 2 /* words that differ cost so many that are equal */

#define MANY_SEGMENTS 10
#define FEW_TEXTS     3
#define SEGMENT_OFTEN 5
#define SEGMENT_WORDS 2

size_t
gate_plain(const char *text, char *plain, size_t size)
{
	size_t length = 0;
	size_t words = 0;
	bool inside = false;

	while (*text != '\0' && length + 6 < size)
	{
		uint32_t code = utf8_lower(utf8_next(&text));
		bool letter = (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9') ||
					  (code >= 0xC0 && code != 0xD7 && code != 0xF7 && code < 0x2000) ||
					  (code >= 0x2E80 && code < 0xFF00);

		if (letter && !inside)
		{
			if (words++ > 0)
				plain[length++] = ' ';
		}
		if (letter)
			length += utf8_put(code == 0x451 ? 0x435 : code, plain + length);
		/* an apostrophe is a part of its word */
		inside = letter || (inside && (code == '\'' || code == 0x2019));
	}
	plain[length] = '\0';
	return words;
}

static uint64_t
hash_text(const char *text)
{
	uint64_t hash = 1469598103934665603U;

	for (; *text != '\0'; text++)
		hash = (hash ^ (uint8_t) *text) * 1099511628211U;
	return hash;
}

/* Every word as a number; what has no letter is left out. *places tells which word. */
static uint64_t *
number_words(const Transcript *transcript, size_t **places, size_t *count)
{
	uint64_t *numbers = array_new(transcript->word_count, sizeof *numbers);
	char plain[LONGEST_PLAIN];

	*places = array_new(transcript->word_count, sizeof **places);
	*count = 0;
	for (size_t i = 0; i < transcript->word_count; i++)
	{
		if (gate_plain(transcript->words[i].text, plain, sizeof plain) == 0)
			continue;
		(*places)[*count] = i;
		numbers[(*count)++] = hash_text(plain);
	}
	return numbers;
}

typedef struct Gram
{
	uint64_t number;
	size_t at;
} Gram;

static int
by_number(const void *left, const void *right)
{
	const Gram *a = left;
	const Gram *b = right;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

/* Marks the words of grams that come often among `count` words; tells how many they are. */
static size_t
mark_often(const uint64_t *numbers, size_t count, Gram *grams, bool *marks)
{
	size_t total = count >= GRAM ? count - GRAM + 1 : 0;
	size_t marked = 0;

	memset(marks, 0, count * sizeof *marks);
	for (size_t i = 0; i < total; i++)
		grams[i] = (Gram){(numbers[i] * 31 + numbers[i + 1]) * 31 + numbers[i + 2], i};
	qsort(grams, total, sizeof *grams, by_number);
	for (size_t from = 0, to = 0; from < total; from = to)
	{
		while (to < total && grams[to].number == grams[from].number)
			to++;
		for (size_t i = from; i < to && to - from >= OFTEN; i++)
			memset(marks + grams[i].at, true, GRAM * sizeof *marks);
	}
	for (size_t i = 0; i < count; i++)
		marked += marks[i];
	return marked;
}

/* Adds what is said over and over in parts of `scale` words to `repeated`. */
static void
find_repeats(const uint64_t *numbers, size_t count, size_t scale, bool *repeated)
{
	size_t size = scale < count ? scale : count;
	CLEANUP(free) Gram *grams = array_new(size, sizeof *grams);
	CLEANUP(free) bool *marks = array_new(size, sizeof *marks);

	for (size_t from = 0;; from += scale / 4)
	{
		size_t first = from + size <= count ? from : count - size;
		size_t marked = mark_often(numbers + first, size, grams, marks);

		if (marked >= REPEATED_WORDS && (double) marked >= REPEATED_PART * (double) size)
			for (size_t i = 0; i < size; i++)
				repeated[first + i] |= marks[i];
		if (from + size >= count)
			return;
	}
}

/* Where the longest run of repeated words begins. */
static size_t
longest_run(const bool *repeated, size_t count)
{
	size_t best = 0;
	size_t most = 0;

	for (size_t from = 0, to = 0; from < count; from = to + 1)
	{
		for (to = from; to < count && repeated[to]; to++)
			;
		if (to - from > most)
		{
			most = to - from;
			best = from;
		}
	}
	return best;
}

Finding
gate_check_repeats(const GateInput *input, cJSON *measured)
{
	const Transcript *transcript = input->transcript;
	CLEANUP(free) size_t *places = NULL;
	size_t count;
	CLEANUP(free) uint64_t *numbers = number_words(transcript, &places, &count);
	CLEANUP(free) bool *repeated = array_new(count, sizeof *repeated);
	size_t total = 0;
	Finding finding = FINDING_NONE;

	for (size_t scale = SMALLEST_SCALE; count > 0 && scale <= LARGEST_SCALE; scale *= 2)
	{
		find_repeats(numbers, count, scale, repeated);
		if (scale >= count)
			break;
	}
	for (size_t i = 0; i < count; i++)
		total += repeated[i];
	if (total > 0)
		finding.at = transcript->words[places[longest_run(repeated, count)]].start;
	finding.limit = input->limits.max_repeated_share;
	finding.value = count > 0 ? (double) total / (double) count : 0;
	gate_measure(measured, "repeated_share", finding.value);
	if (total == 0)
		return finding;
	finding.severity = finding.value > finding.limit ? SEVERITY_REJECT : SEVERITY_SUSPECT;
	snprintf(finding.message, sizeof finding.message,
			 "%zu of %zu words are said over and over", total, count);
	return finding;
}

/* The longest row of words that are what was said `lag` words before; *first tells where it
 * begins. */
static size_t
longest_loop(const uint64_t *numbers, size_t count, size_t lag, size_t *first)
{
	size_t best = 0;
	size_t score = 0;
	size_t from = 0;

	for (size_t i = lag; i < count; i++)
	{
		if (numbers[i] != numbers[i - lag])
		{
			score = score > LOOP_MISTAKE ? score - LOOP_MISTAKE : 0;
			continue;
		}
		if (score++ == 0)
			from = i - lag;
		if (score > best)
		{
			best = score;
			*first = from;
		}
	}
	return best;
}

/* Words that are said again at once, and again: loops too long, or too short, to be seen among
 * the words around them. */
Finding
gate_check_loops(const GateInput *input, cJSON *measured)
{
	const Transcript *transcript = input->transcript;
	CLEANUP(free) size_t *places = NULL;
	size_t count;
	CLEANUP(free) uint64_t *numbers = number_words(transcript, &places, &count);
	size_t most = 0;
	size_t of = 0;
	Finding finding = FINDING_NONE;

	for (size_t lag = 1; lag <= LONGEST_LOOP && lag < count; lag++)
	{
		size_t first = 0;
		size_t again = longest_loop(numbers, count, lag, &first);
		bool loops = (again >= LOOP_WORDS && again >= LOOP_TIMES * lag) ||
					 (again >= STUCK_WORDS && again >= STUCK_TIMES * lag);

		if (!loops || again <= most)
			continue;
		most = again;
		of = lag;
		finding.at = transcript->words[places[first]].start;
	}
	finding.limit = LOOP_TIMES;
	finding.value = of > 0 ? (double) most / (double) of : 0;
	gate_measure(measured, "loop_words", (double) most);
	if (most == 0)
		return finding;
	finding.severity = SEVERITY_SUSPECT;
	snprintf(finding.message, sizeof finding.message,
			 "%zu word%s %.0f times more at once", of,
			 of == 1 ? " is said" : "s are said", finding.value);
	return finding;
}

static int
by_text(const void *left, const void *right)
{
	return strcmp(*(char *const *) left, *(char *const *) right);
}

/* Counting aloud is an exercise: it is judged by its words only. */
static bool
counts_aloud(const char *plain)
{
	static const char *const counts[] = {"one two ", "раз два ", "один два ", "1 2 "};

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		if (strncmp(plain, counts[i], strlen(counts[i])) == 0)
			return true;
	return false;
}

/* How many segments say what SEGMENT_OFTEN of them say; *distinct receives the number of
 * different texts. */
static size_t
count_same(char **texts, size_t count, size_t *distinct)
{
	size_t same = 0;

	qsort(texts, count, sizeof *texts, by_text);
	*distinct = 0;
	for (size_t from = 0, to = 0; from < count; from = to)
	{
		while (to < count && strcmp(texts[to], texts[from]) == 0)
			to++;
		(*distinct)++;
		if (to - from >= SEGMENT_OFTEN && strchr(texts[from], ' ') != NULL &&
			!counts_aloud(texts[from]))
			same += to - from;
	}
	return same;
}

Finding
gate_check_segments(const GateInput *input, cJSON *measured)
{
	size_t count = input->transcript->segment_count;
	CLEANUP(free) char **texts = array_new(count, sizeof *texts);
	char plain[LONGEST_PLAIN];
	size_t distinct;
	size_t same;
	Finding finding = FINDING_NONE;

	for (size_t i = 0; i < count; i++)
	{
		(void) gate_plain(input->transcript->segments[i].text, plain, sizeof plain);
		texts[i] = array_text(plain);
	}
	same = count_same(texts, count, &distinct);
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	finding.limit = input->limits.max_repeated_share;
	finding.value = count > 0 ? (double) same / (double) count : 0;
	gate_measure(measured, "repeated_segments_share", finding.value);
	if (count <= MANY_SEGMENTS)
		return finding;
	if (distinct <= FEW_TEXTS || finding.value > finding.limit)
		finding.severity = SEVERITY_REJECT;
	else if (finding.value > finding.limit / 2)
		finding.severity = SEVERITY_SUSPECT;
	snprintf(finding.message, sizeof finding.message,
			 "%zu segments hold %zu different texts; %zu say what at least %d say", count,
			 distinct, same, SEGMENT_OFTEN);
	return finding;
}
