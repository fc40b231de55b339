/*
 * speech/join.h
 *	  The words of chunks put together: none lost, none twice.
 *
 * Where two chunks share sound, both heard the same words, at times that differ a little. The
 * words there are laid over each other by text and time, and one pair of equal words becomes the
 * seam: what is before it comes from the one, what is behind it from the other. Without such a
 * pair a word belongs to the chunk that its middle lies in.
 *
 * Pure. Times are source time.
 */
#ifndef LEAP_SPEECH_JOIN_H
#define LEAP_SPEECH_JOIN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct HeardWord
{
	double start;
	double end;
	double confidence; /* negative: unknown */
	const char *text;
} HeardWord;

/* Are these the same word? Case and punctuation do not count. */
bool join_same_word(const char *one, const char *other);

/*
 * Joins what two neighbours heard, each in order of time. *left of the first chunk's words,
 * from its beginning, are to be kept, and the second one's from *right on. shared: around
 * `border` both heard the same sound, `overlap` seconds on either side; without it all words
 * are kept.
 */
void join_seam(const HeardWord *first, size_t first_count, const HeardWord *second,
			   size_t second_count, bool shared, double border, double overlap,
			   size_t *left, size_t *right);

#endif
