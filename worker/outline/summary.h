/*
 * outline/summary.h
 *	  A summary out of the lecture's own sentences. Pure.
 */
#ifndef LEAP_OUTLINE_SUMMARY_H
#define LEAP_OUTLINE_SUMMARY_H

#include "base/buffer.h"
#include "outline/phrases.h"

/*
 * Appends one utterance of each of the three largest topics, in order of time: the one
 * that holds most of its topic's frequent words. "" when no utterance says enough.
 */
void summary_write(const Topics *topics, Buffer *summary);

#endif
