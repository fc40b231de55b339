/*
 * speech/engine_vocabulary.h
 *	  Terms that a lecture is likely to use, as single words. Pure but for reading.
 */
#ifndef LEAP_SPEECH_ENGINE_VOCABULARY_H
#define LEAP_SPEECH_ENGINE_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define VOCABULARY_MOST 400 /* words */

typedef struct Vocabulary
{
	char **words; /* lower case a-z, each once */
	size_t count;
	size_t room;
} Vocabulary;

/* Reads a term a line from fd (-1: nothing to read) and takes its words of a-z; words with
 * other characters, and what is more than VOCABULARY_MOST, are left out. */
bool vocabulary_read(int fd, Vocabulary *vocabulary, Error *err);
void vocabulary_free(Vocabulary *vocabulary);

#endif
