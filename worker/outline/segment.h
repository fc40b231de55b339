/*
 * outline/segment.h
 *	  Where one topic ends and the next begins. Pure.
 */
#ifndef LEAP_OUTLINE_SEGMENT_H
#define LEAP_OUTLINE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "outline/lecture.h"
#include "outline/limits.h"

/* A pause of at least this many seconds always separates topics. */
#define LONG_PAUSE 480.0

/* Behind utterance i (not the last) the lecture pauses for at least LONG_PAUSE. */
bool long_pause_behind(const Lecture *lecture, size_t i);

/*
 * The topics of a lecture with at least one utterance: *starts holds the index of each
 * topic's first utterance, the first is 0. Returns their number, within the limits if that
 * is possible at all. The caller frees *starts.
 */
size_t segment_topics(const Lecture *lecture, const Limits *limits, size_t **starts);

#endif
