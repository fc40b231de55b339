/*
 * speech/heard.h
 *	  What was understood once, in source time, and what a cut of the recording shows of it.
 */
#ifndef LEAP_SPEECH_HEARD_H
#define LEAP_SPEECH_HEARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/spans.h"
#include "speech/transcript.h"

/* Takes out the words whose middle lies outside of the spans, ascending and disjoint, and
 * the segments
 * that lose all their words by that; a segment that reaches over several spans is divided,
 * so that what is heard between them later finds its place. */
void heard_confine(Transcript *heard, const Span *spans, size_t count);

/*
 * The transcript of the output: a word is in it if its middle is, and ends where its span
 * does. A segment that keeps all its words keeps its text; of one that loses some, each run
 * of words that are left becomes a segment. *output is the caller's to free.
 */
void heard_retime(const Transcript *heard, const CutSpan *cuts, size_t count,
				  Transcript *output);

#endif
