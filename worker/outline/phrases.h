/*
 * outline/phrases.h
 *	  What a topic is about, in its own words. Pure.
 */
#ifndef LEAP_OUTLINE_PHRASES_H
#define LEAP_OUTLINE_PHRASES_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "outline/lecture.h"

/* A lecture divided into topics. */
typedef struct Topics
{
	const Lecture *lecture;
	const size_t *starts; /* first utterance of each */
	size_t count;
} Topics;

typedef struct Phrases Phrases;

/* Collects the phrases of one to three content words. */
Phrases *phrases_new(const Topics *topics);
void phrases_free(Phrases *phrases);

/* The index behind the topic's last utterance. */
size_t topic_end(const Topics *topics, size_t topic);

/* Replaces title by up to three phrases that set the topic apart from the rest of the
 * lecture, at most 70 characters; by "Part 3" when it has no words of its own. */
void phrases_title(const Phrases *phrases, size_t topic, Buffer *title);

/* The one or two phrases that run through the whole lecture, an array of texts, which is
 * the caller's; it may be empty. */
cJSON *phrases_main(const Phrases *phrases);

/* How a topic without words of its own is called in the lecture's language. */
void phrases_number(const Phrases *phrases, size_t topic, Buffer *title);

/* The title is one of those numbers. */
bool phrases_is_number(const Phrases *phrases, const char *title);

#endif
