/*
 * speech/vtt.h
 *	  Subtitles as WebVTT.
 */
#ifndef LEAP_SPEECH_VTT_H
#define LEAP_SPEECH_VTT_H

#include <stddef.h>

#include "base/buffer.h"
#include "speech/cues.h"

/* Appends a complete WebVTT file; &, < and > are escaped, so no text can end a cue or
 * become a tag. */
void vtt_write(const Cue *cues, size_t count, Buffer *out);

#endif
