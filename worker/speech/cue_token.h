/*
 * speech/cue_token.h
 *	  The pieces subtitles are put together from: words, and parts of very long ones.
 */
#ifndef LEAP_SPEECH_CUE_TOKEN_H
#define LEAP_SPEECH_CUE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "speech/transcript.h"

/* behind a word that belongs to the next one */
#define CUE_BREAK_WORST 10

typedef struct CueToken
{
	double start;
	double end;
	char *text;
	size_t width;   /* visible characters, at most the line's width */
	int break_cost; /* of ending a line or a cue behind it: 0 .. CUE_BREAK_WORST */
} CueToken;

/* The width of a line for these words: 39 when most letters are Cyrillic, else 42. */
size_t cue_line_width(const Word *words, size_t count);

/*
 * Cuts words at blanks inside them and into parts no wider than line_width; a part's time
 * is its share of the word's time. Control characters count as blanks. Returns the number
 * of tokens; free them with cue_tokens_free.
 */
size_t cue_tokens(const Word *words, size_t count, size_t line_width, CueToken **tokens);

void cue_tokens_free(CueToken *tokens, size_t count);

#endif
