/*
 * speech/cue_token.h
 *	  The pieces subtitles are put together from: words, and parts of very long ones.
 */
#ifndef LEAP_SPEECH_CUE_TOKEN_H
#define LEAP_SPEECH_CUE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "speech/cue_phrase.h"
#include "speech/transcript.h"

typedef struct CueToken
{
	double start;
	double end;
	char *text;
	size_t width; /* visible columns, at most the line's width */
	bool ends;    /* a sentence ends with it */
	bool pauses;  /* a clause does */
	CuePhrase phrase;
	size_t word; /* index of the word it is of */
	bool border; /* a cue that people made ended with it (speech/cue_made.h) */
	size_t kept; /* so many tokens from here are a cue as people made it; 0: none */
} CueToken;

/* The width of a line for these words: 39 when most letters are Cyrillic, else 42. */
size_t cue_line_width(const Word *words, size_t count);

/*
 * Cuts words at blanks inside them and into parts no wider than line_width; a part's time
 * is its share of the word's time. Control characters and line ends count as blanks, what
 * turns the direction of a line is dropped, what is no UTF-8 becomes U+FFFD. Returns the
 * number of tokens; free them with cue_tokens_free.
 */
size_t cue_tokens(const Word *words, size_t count, size_t line_width, CueToken **tokens);

/*
 * Brings times into an order that can be shown: ascending, none beyond duration (0 =
 * unknown), and never more than CUE_SPEECH_MOST columns a second, which nobody speaks:
 * words that pile up at one instant follow each other. Times of real speech stay as they
 * are. Words that do not fit before the end go on behind it.
 */
void cue_tokens_settle(CueToken *tokens, size_t count, double duration);

void cue_tokens_free(CueToken *tokens, size_t count);

#endif
