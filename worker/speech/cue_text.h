/*
 * speech/cue_text.h
 *	  What SRT and WebVTT share: time stamps, and text with some characters replaced.
 */
#ifndef LEAP_SPEECH_CUE_TEXT_H
#define LEAP_SPEECH_CUE_TEXT_H

#include <stddef.h>

#include "base/buffer.h"

typedef struct CueEscape
{
	char character;
	const char *text;
} CueEscape;

/* HH:MM:SS,mmm with the given separator; hours take more digits when they need them. */
void cue_put_time(Buffer *out, double seconds, char separator);

void cue_put_text(Buffer *out, const char *text, const CueEscape *escapes, size_t count);

#endif
