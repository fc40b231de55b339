/*
 * base/nearest.h
 *	  What somebody may have meant who typed a word that is not known.
 */
#ifndef LEAP_BASE_NEAREST_H
#define LEAP_BASE_NEAREST_H

#include <stddef.h>

/* The nearest of the words offered so far; begin with {.typed = WORD}. Dashes and
 * underscores are the same here. */
typedef struct Nearest
{
	const char *typed;
	const char *word; /* NULL: none is near enough */
	size_t distance;
} Nearest;

/* Takes the word when it is nearer than what was taken before, and near enough to be a
 * slip: a letter too much, too few, wrong, or two in each other's place; of long words two
 * of these. The beginning of a word, three letters or more, is near as well. */
void nearest_offer(Nearest *nearest, const char *word);

#endif
