/*
 * rest/nearest.c
 *	  The word a client may have meant.
 *
 * Candidates are words that have a sequence of three letters in common with the one that was
 * written, or if there is none of those, of two; beginning and end of a word count as a
 * letter. The one with the fewest letters to change is told, if that are not too many.
 */
#include <ctype.h>
#include <string.h>

#include "rest/error.h"

#define MOST_LETTERS 96

typedef struct Word
{
	char letters[MOST_LETTERS]; /* lower case */
	size_t length;
	char grams[MOST_LETTERS + 2]; /* letters, digits, commas and blanks, between dashes */
	size_t gram_length;
} Word;

static bool
word_of(const char *text, Word *word)
{
	size_t length = strlen(text);

	if (length == 0 || length > MOST_LETTERS)
		return false;
	word->length = length;
	word->gram_length = 0;
	word->grams[word->gram_length++] = '-';
	for (size_t i = 0; i < length; i++)
	{
		unsigned char letter = (unsigned char) text[i];

		word->letters[i] = (char) tolower(letter);
		if (isalnum(letter) || letter >= 0x80 || letter == ',' || letter == ' ')
			word->grams[word->gram_length++] = word->letters[i];
	}
	word->grams[word->gram_length++] = '-';
	return true;
}

static bool
share(const Word *a, const Word *b, size_t size)
{
	for (size_t i = 0; i + size <= a->gram_length; i++)
	{
		if (memmem(b->grams, b->gram_length, a->grams + i, size) != NULL)
			return true;
	}
	return false;
}

/* Levenshtein's distance */
static size_t
distance(const Word *a, const Word *b)
{
	size_t row[MOST_LETTERS + 1];

	for (size_t j = 0; j <= b->length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a->length; i++)
	{
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b->length; j++)
		{
			size_t changed = corner + (a->letters[i - 1] != b->letters[j - 1]);
			size_t added = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

			corner = row[j];
			row[j] = changed < added ? changed : added;
		}
	}
	return row[b->length];
}

static double
likeness(const Word *a, const Word *b)
{
	size_t longest = a->length > b->length ? a->length : b->length;

	return 1.0 - (double) distance(a, b) / (double) longest;
}

const char *
rest_nearest_from(const char *word, const char *const *candidates, size_t count,
				  double least)
{
	Word wanted, other;

	if (!word_of(word, &wanted))
		return NULL;
	for (size_t size = 3; size >= 2; size--)
	{
		const char *best = NULL;
		double best_likeness = 0;

		for (size_t i = 0; i < count; i++)
		{
			if (!word_of(candidates[i], &other) || !share(&wanted, &other, size))
				continue;
			double like = likeness(&wanted, &other);

			if (like >= least && like > best_likeness)
			{
				best = candidates[i];
				best_likeness = like;
			}
		}
		if (best != NULL)
			return best;
	}
	return NULL;
}

const char *
rest_nearest(const char *word, const char *const *candidates, size_t count)
{
	return rest_nearest_from(word, candidates, count, 0.33);
}
