/*
 * speech/said.h
 *	  What a service says was said: words with times, and the text that they are words of.
 *
 * Services do not time every word of their text. All words of both come together here, in
 * their order: what has no time of its own is spread over the time that is left for it.
 * Pure. Times are those of the sound that was sent.
 */
#ifndef LEAP_SPEECH_SAID_H
#define LEAP_SPEECH_SAID_H

#include <stdbool.h>
#include <stddef.h>

/* A word, or a passage of text. */
typedef struct Said
{
	double start; /* NAN: unknown until said_spread */
	double end;
	double low; /* the passage that a word is out of begins and ends there */
	double high;
	double confidence; /* negative: unknown */
	char *text;
	size_t order; /* as it came */
	bool loose;   /* out of no passage */
} Said;

typedef struct SaidList
{
	Said *items;
	size_t count;
	size_t room;
} SaidList;

/* Appends a copy of `said` with that text, without the blanks around it; nothing for a blank
 * one. */
void said_add(SaidList *list, Said said, const char *text, size_t length);

/* Appends the words of a text, without times, each otherwise like `said`; signs that stand
 * alone are no words. */
void said_add_words(SaidList *list, Said said, const char *text);

/*
 * Brings the words of a text into the words with times: what is in both is one word, spelled as
 * in the text; what is only in one of both is kept. Where both say something else, the
 * words with times count, unless they are less than half of it. `text` is empty then.
 */
void said_merge(SaidList *words, SaidList *text);

/* Gives words without times what is left between their neighbours, within their passage and
 * `length` seconds of sound, by the length of each. False: there were none. */
bool said_spread(SaidList *words, double length);

void said_free(SaidList *list);

#endif
