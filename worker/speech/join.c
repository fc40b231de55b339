/*
 * speech/join.c
 *	  The seam between two chunks that share some sound.
 */
#include "speech/join.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/utf8.h"

/* The same word is heard at most so far apart: recognisers place words within 0.2 s. */
#define APART 0.45

/* Times of words at the edge of the shared sound may lie a little outside of it. */
#define SLACK 0.5

/* More words than that are not said in the shared seconds; what is beyond counts for nothing. */
#define MOST 64

typedef struct Cell
{
	double score; /* of the best alignment from here on */
	bool pair;    /* it begins with these two as a pair */
} Cell;

static double
middle(const HeardWord *word)
{
	return (word->start + word->end) / 2;
}

/* Letters and digits, in lower case; 0 at the end. */
static uint32_t
next_letter(const char **text)
{
	while (**text != '\0')
	{
		uint32_t letter = utf8_next(text);

		if (letter >= 'A' && letter <= 'Z')
			return letter + 32;
		if (letter >= 0x410 && letter <= 0x42F) /* Cyrillic capitals */
			return letter + 32;
		if (letter == 0x401) /* IO, which many write as IE */
			return 0x435;
		if (letter == 0x451)
			return 0x435;
		if (letter >= 0xC0 && letter <= 0xDE && letter != 0xD7)
			return letter + 32;
		if (letter >= 0x80
				? letter < 0x2000 || letter > 0x206F
				: (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9'))
			return letter;
	}
	return 0;
}

bool
join_same_word(const char *one, const char *other)
{
	for (;;)
	{
		uint32_t a = next_letter(&one);
		uint32_t b = next_letter(&other);

		if (a != b)
			return false;
		if (a == 0)
			return true;
	}
}

/* How well two words fit as one: 0 (not at all) to 1. A word that is far off counts little, so
 * that "very, very" is not laid over itself a place further. */
static double
fit(const HeardWord *one, const HeardWord *other)
{
	double apart = fabs(middle(one) - middle(other));

	if (apart > APART || !join_same_word(one->text, other->text))
		return 0;
	return 1 - (apart / APART) * (apart / APART) * 0.9;
}

/* The best alignment of a's words with b's, as cells from the end to the beginning. */
static Cell *
align(const HeardWord *a, size_t a_count, const HeardWord *b, size_t b_count)
{
	size_t width = b_count + 1;
	Cell *cells = array_new((a_count + 1) * width, sizeof *cells);

	for (size_t i = a_count; i-- > 0;)
		for (size_t j = b_count; j-- > 0;)
		{
			Cell *cell = &cells[i * width + j];
			double fits = fit(&a[i], &b[j]);
			double both = fits > 0 ? fits + cells[(i + 1) * width + j + 1].score : 0;
			double skip =
				fmax(cells[(i + 1) * width + j].score, cells[i * width + j + 1].score);

			*cell = (Cell){fmax(both, skip), both > 0 && both >= skip};
		}
	return cells;
}

/* The pair nearest to the border; false without any. */
static bool
find_pair(const HeardWord *a, size_t a_count, const HeardWord *b, size_t b_count,
		  double border, size_t *left, size_t *right)
{
	Cell *cells = align(a, a_count, b, b_count);
	size_t width = b_count + 1;
	double nearest = INFINITY;
	size_t i = 0;
	size_t j = 0;

	while (i < a_count && j < b_count)
	{
		const Cell *cell = &cells[i * width + j];

		if (cell->pair)
		{
			double apart = fabs((middle(&a[i]) + middle(&b[j])) / 2 - border);

			if (apart < nearest)
			{
				nearest = apart;
				*left = i;
				*right = j;
			}
			i++;
			j++;
		}
		else if (cells[(i + 1) * width + j].score >= cells[i * width + j + 1].score)
			i++;
		else
			j++;
	}
	free(cells);
	return nearest < INFINITY;
}

/* Does a word lie over one of these, for more than half of the shorter of both? */
static bool
is_covered(const HeardWord *word, const HeardWord *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		double both = fmin(word->end, words[i].end) - fmax(word->start, words[i].start);
		double shorter = fmin(word->end - word->start, words[i].end - words[i].start);

		if (both > 0 && both >= shorter / 2)
			return true;
	}
	return false;
}

/* No word in common: by their middles, and what only one of both heard stays. */
static void
divide(const HeardWord *first, size_t first_count, const HeardWord *second,
	   size_t second_count, double border, size_t *left, size_t *right)
{
	*left = first_count;
	*right = 0;
	while (*left > 0 && middle(&first[*left - 1]) >= border)
		(*left)--;
	while (*right < second_count && middle(&second[*right]) < border)
		(*right)++;
	while (*left < first_count && !is_covered(&first[*left], second, second_count) &&
		   (*right == second_count || first[*left].end <= second[*right].start + 0.05))
		(*left)++;
	while (*right > 0 && !is_covered(&second[*right - 1], first, first_count) &&
		   (*left == 0 || second[*right - 1].start >= first[*left - 1].end - 0.05))
		(*right)--;
}

void
join_seam(const HeardWord *first, size_t first_count, const HeardWord *second,
		  size_t second_count, bool shared, double border, double overlap, size_t *left,
		  size_t *right)
{
	size_t from = first_count;
	size_t to = 0;
	size_t a = 0;
	size_t b = 0;

	*left = first_count;
	*right = 0;
	if (!shared)
		return;
	while (from > 0 && first_count - from < MOST &&
		   middle(&first[from - 1]) > border - overlap - SLACK)
		from--;
	while (to < second_count && to < MOST &&
		   middle(&second[to]) < border + overlap + SLACK)
		to++;
	if (find_pair(first + from, first_count - from, second, to, border, &a, &b))
	{
		*left = from + a + 1;
		*right = b + 1;
		return;
	}
	divide(first, first_count, second, second_count, border, left, right);
}
