/*
 * speech/captions_cue.h
 *	  One cue of a caption file: its times, and its lines without markup. Pure.
 */
#ifndef LEAP_SPEECH_CAPTIONS_CUE_H
#define LEAP_SPEECH_CAPTIONS_CUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* A line of the file, without its end. */
typedef struct CaptionLine
{
	const char *text;
	size_t length;
} CaptionLine;

/* Reads "00:01.500 --> 00:03.000 line:0" or "0:00:01,5 --> 0:00:03,0"; false for what is no
 * such line, or whose end is not behind its start. */
bool caption_times(CaptionLine line, double *start, double *end);

/*
 * Appends the words of a line, each ended by a zero, without tags, entities and marks of
 * speakers; before a word whose time is told stands '\1' and that time as text and a zero.
 * A line of nothing but a sound in brackets has no words.
 */
void caption_words(CaptionLine line, Buffer *words);

#endif
