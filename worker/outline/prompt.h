/*
 * outline/prompt.h
 *	  What a language model is asked for. Pure.
 *
 * A transcript is what somebody said, and somebody may say "ignore your instructions". It
 * stands between marks that it cannot contain, is called data, and whatever comes back is
 * only ever shown as text.
 */
#ifndef LEAP_OUTLINE_PROMPT_H
#define LEAP_OUTLINE_PROMPT_H

#include <cjson/cJSON.h>

#include "outline/lecture.h"
#include "outline/limits.h"
#include "outline/reading.h"

/* A stretch of a lecture that fits into one request. */
typedef struct Stretch
{
	size_t first; /* utterances first .. behind - 1 */
	size_t behind;
	size_t number;        /* 1, 2, ... */
	size_t of;            /* how many there are */
	const char *previous; /* title of the topic before it; NULL: none */
} Stretch;

/* Messages that ask for the topics of a stretch (and, when it is all of the lecture, for
 * the texts). The caller owns them. */
cJSON *prompt_topics(const Lecture *lecture, const Stretch *stretch, const Limits *limits,
					 const Wanted *wanted);

/* Messages that ask for the texts, out of the topics and the summaries of all stretches. */
cJSON *prompt_texts(const Lecture *lecture, const Findings *findings,
					const cJSON *summaries, const Wanted *wanted);

/* Adds an answer and what was wrong with it to messages, so that it is mended. */
void prompt_repair(cJSON *messages, const char *answer, const char *problem);

/* The JSON schema of the answer; the caller owns it. */
cJSON *prompt_schema(const Wanted *wanted);

#endif
