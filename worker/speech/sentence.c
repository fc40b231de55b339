/*
 * speech/sentence.c
 *	  Utterance boundaries. Pure.
 */
#include "speech/sentence.h"

#include <string.h>

#define PAUSE_SECONDS       0.4
#define COMMA_PAUSE_SECONDS 0.25
#define LONGEST_SECONDS     8.0
#define GROUP_WORDS         3
#define GROUP_SECONDS       0.7
#define REST_SECONDS        1.2

static const char *const closers[] = {"\"", "'", ")", "]", "}", "»", "”", "’"};
static const char *const full_stops[] = {".", "!", "?", "…", "。", "！", "？"};
static const char *const half_stops[] = {",", ";", ":", "—", "–", "、"};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The length of the list's entry that ends the first `length` bytes of text, else 0. */
static size_t
ending_in(const char *text, size_t length, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		size_t size = strlen(list[i]);

		if (size <= length && memcmp(text + length - size, list[i], size) == 0)
			return size;
	}
	return 0;
}

static bool
ends_with(const char *word, const char *const *list, size_t count)
{
	size_t length = strlen(word);
	size_t closing;

	while ((closing = ending_in(word, length, closers, LENGTH(closers))) > 0)
		length -= closing;
	return ending_in(word, length, list, count) > 0;
}

bool
sentence_ends_with(const char *word)
{
	return ends_with(word, full_stops, LENGTH(full_stops));
}

bool
sentence_pauses_with(const char *word)
{
	return ends_with(word, half_stops, LENGTH(half_stops));
}

static bool
breaks_after(const Word *words, size_t from, size_t at)
{
	double gap = words[at + 1].start - words[at].end;
	double lasted = words[at].end - words[from].start;

	if (at + 1 - from < GROUP_WORDS && lasted < GROUP_SECONDS)
		return false;
	return sentence_ends_with(words[at].text) || gap > PAUSE_SECONDS ||
		   (sentence_pauses_with(words[at].text) && gap > COMMA_PAUSE_SECONDS) ||
		   words[at + 1].end - words[from].start > LONGEST_SECONDS;
}

/* What follows is too short to stand alone: a word or two at once, then nothing more or a
 * break of its own. */
static bool
rest_is_too_short(const Word *words, size_t count, size_t from)
{
	size_t to = from;

	while (to + 1 < count && !breaks_after(words, from, to))
		to++;
	return to + 1 - from < GROUP_WORDS &&
		   words[to].end - words[from].start < REST_SECONDS &&
		   words[from].start - words[from - 1].end < PAUSE_SECONDS;
}

size_t
sentence_end(const Word *words, size_t count, size_t from)
{
	for (size_t at = from; at + 1 < count; at++)
		if (breaks_after(words, from, at) && !rest_is_too_short(words, count, at + 1))
			return at + 1;
	return count;
}
