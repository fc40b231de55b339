/*
 * speech/cue_text.h
 *	  What SRT and WebVTT share: text with some characters replaced.
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

void cue_put_text(Buffer *out, const char *text, const CueEscape *escapes, size_t count);

#endif
