/*
 * speech/sentence.h
 *	  Where one utterance ends and the next begins, judged by punctuation and pauses.
 */
#ifndef LEAP_SPEECH_SENTENCE_H
#define LEAP_SPEECH_SENTENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "speech/transcript.h"

/* The word ends a sentence (. ! ? …), also behind a closing quote or bracket. */
bool sentence_ends_with(const char *word);

/* The word ends a clause: comma, semicolon, colon or a dash. */
bool sentence_pauses_with(const char *word);

/*
 * The index behind the last word of the utterance that starts at words[from]
 * (from < count). A group of fewer than 3 words that lasts less than 0.7 s is never
 * closed by a pause alone, and a rest of fewer than 3 words in less than 1.2 s stays
 * with the utterance before it.
 */
size_t sentence_end(const Word *words, size_t count, size_t from);

#endif
