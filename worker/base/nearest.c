/*
 * base/nearest.c
 *	  What somebody may have meant who typed a word that is not known.
 */
#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

#define LONGEST  32
#define FAR_AWAY 1000

static bool
is_same(char a, char b)
{
	return a == b || (a == '-' && b == '_') || (a == '_' && b == '-');
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to add, to leave out, to change or to swap with their neighbour. */
static size_t
distance_of(const char *a, const char *b)
{
	size_t a_length = strlen(a);
	size_t b_length = strlen(b);
	size_t rows[LONGEST + 1][LONGEST + 1];

	if (a_length > LONGEST || b_length > LONGEST)
		return FAR_AWAY;
	for (size_t i = 0; i <= a_length; i++)
		for (size_t j = 0; j <= b_length; j++)
		{
			if (i == 0 || j == 0)
			{
				rows[i][j] = i + j;
				continue;
			}
			rows[i][j] = least(least(rows[i - 1][j], rows[i][j - 1]) + 1,
							   rows[i - 1][j - 1] + !is_same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) &&
				is_same(a[i - 2], b[j - 1]))
				rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
		}
	return rows[a_length][b_length];
}

void
nearest_offer(Nearest *nearest, const char *word)
{
	size_t length = strlen(nearest->typed);
	size_t distance = distance_of(nearest->typed, word);
	size_t allowed = length < 3 ? 0 : length < 6 ? 1 : 2;

	/* shorter than any slip in a word of that length */
	if (length >= 3 && strncmp(nearest->typed, word, length) == 0)
		distance = least(distance, 1);
	if (distance > allowed || (nearest->word != NULL && distance >= nearest->distance))
		return;
	nearest->word = word;
	nearest->distance = distance;
}
