/*
 * outline/stop_words.h
 *	  Words that say nothing about a subject: grammar, and what lecturers say anyway.
 */
#ifndef LEAP_OUTLINE_STOP_WORDS_H
#define LEAP_OUTLINE_STOP_WORDS_H

#include <stdbool.h>

/* word in lower case, "ё" as "е"; language "en" or "ru", others have no stop words. */
bool stop_word(const char *language, const char *word);

#endif
