/*
 * outline/chapters.h
 *	  Topics as chapters for players (WebVTT, MP4). Pure.
 *
 * Chapters begin at 0:00, last at least 10 s (shorter topics join a neighbour) and have
 * titles of at most 70 characters without < and >.
 */
#ifndef LEAP_OUTLINE_CHAPTERS_H
#define LEAP_OUTLINE_CHAPTERS_H

#include <cjson/cJSON.h>

#include "base/buffer.h"

/* Appends a WebVTT chapters file of the outline's topics. duration, in seconds, is where
 * the last one ends. */
void chapters_vtt(const cJSON *outline, double duration, Buffer *out);

/* The chapters as leap-media takes them, [{"title","start"}, ...]; the caller deletes them. */
cJSON *chapters_list(const cJSON *outline, double duration);

#endif
