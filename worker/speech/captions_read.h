/*
 * speech/captions_read.h
 *	  Captions that somebody made already, WebVTT or SubRip, as words with times. Pure.
 */
#ifndef LEAP_SPEECH_CAPTIONS_READ_H
#define LEAP_SPEECH_CAPTIONS_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "speech/transcript.h"

#define CAPTIONS_MOST_BYTES   ((size_t) 10 * 1024 * 1024)
#define CAPTIONS_MOST_SECONDS 360000.0 /* a hundred hours */

/*
 * Fills *transcript with the words of all cues, in order, spread over their cue by their
 * length, or as the cue itself says (<00:01.500>); times are those of the file. What is no
 * speech is left out: numbers, settings, notes, styles, tags, lines of only [music]. Lines
 * that roll up, shown again in the next cue, are taken once; of cues that overlap the earlier
 * ends where the later begins. The language is that of the file's header, else "".
 *
 * A file that is too large, or has no cue, is class input, code bad_captions; *transcript
 * is then empty.
 */
bool captions_read(const char *text, size_t length, Transcript *transcript, Error *err);

#endif
