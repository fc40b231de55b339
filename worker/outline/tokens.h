/*
 * outline/tokens.h
 *	  Text into numbered word stems.
 */
#ifndef LEAP_OUTLINE_TOKENS_H
#define LEAP_OUTLINE_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

#include "outline/lecture.h"

typedef struct Tokenizer Tokenizer;

/* For a two-letter language; one the stemmer does not know keeps its words whole. */
Tokenizer *tokenizer_new(const char *language);
void tokenizer_free(Tokenizer *tokenizer);

/* Appends the words of text to the utterance. The same stem always gets the same number. */
void tokenizer_split(Tokenizer *tokenizer, const char *text, Utterance *utterance);

/* Stems numbered so far: 0 .. count - 1. */
size_t tokenizer_stems(const Tokenizer *tokenizer);

#endif
