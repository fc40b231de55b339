/*
 * outline/lecture.h
 *	  A transcript as the outline sees it: utterances made of content words.
 */
#ifndef LEAP_OUTLINE_LECTURE_H
#define LEAP_OUTLINE_LECTURE_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"

#define NO_STEM (-1)

typedef struct Token
{
	int stem;      /* a number for each stem of the lecture; NO_STEM: a stop word */
	char *surface; /* the word as it was said, lower case */
} Token;

typedef struct Utterance
{
	double start;
	double end;
	char *text;
	Token *tokens;
	size_t token_count;
} Utterance;

typedef struct Lecture
{
	char language[3]; /* "en"; "" = unknown */
	double duration;
	Utterance *utterances; /* by start */
	size_t count;
	size_t stem_count;  /* distinct stems */
	size_t token_total; /* tokens with a stem */
} Lecture;

/*
 * Reads the transcript's segments. duration 0: as the transcript says. Refusals: another
 * shape is permanent, bad_transcript; no segment at all is input, no_words. Freed with
 * lecture_free in either case.
 */
bool lecture_read(const cJSON *transcript, double duration, Lecture *lecture, Error *err);
void lecture_free(Lecture *lecture);

/* For CLEANUP(lecture). */
static inline void
cleanup_lecture(Lecture *lecture)
{
	lecture_free(lecture);
}

#endif
