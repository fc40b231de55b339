/*
 * outline/chapters.h
 *	  Topics as chapters: for players (WebVTT, MP4) and for YouTube descriptions. Pure.
 *
 * Chapters begin at 0:00, last at least 10 s (shorter topics join a neighbour) and have
 * titles of at most 70 characters without < and >.
 */
#ifndef LEAP_OUTLINE_CHAPTERS_H
#define LEAP_OUTLINE_CHAPTERS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"

/* Appends a WebVTT chapters file of the outline's topics. duration, in seconds, is where
 * the last one ends. */
void chapters_vtt(const cJSON *outline, double duration, Buffer *out);

/* Appends lines "m:ss Title". YouTube wants at least three chapters: with fewer nothing is
 * appended and the answer is false. */
bool chapters_youtube(const cJSON *outline, double duration, Buffer *out);

/* The chapters as leap-media takes them, [{"title","start"}, ...]; the caller deletes them. */
cJSON *chapters_list(const cJSON *outline, double duration);

#endif
