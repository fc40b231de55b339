/*
 * speech/cue_time.h
 *	  When subtitles are shown.
 */
#ifndef LEAP_SPEECH_CUE_TIME_H
#define LEAP_SPEECH_CUE_TIME_H

#include <stddef.h>

#include "speech/cues.h"

/* How long it takes to read so many characters, at least CUE_SHORTEST. */
double cue_reading_time(size_t length);

/*
 * Turns the times at which cues are spoken (start ascending, as cue_tokens_settle leaves
 * them) into those at which they are shown, in whole milliseconds. duration 0 = unknown.
 */
void cues_time(Cue *cues, size_t count, double duration);

#endif
