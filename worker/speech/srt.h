/*
 * speech/srt.h
 *	  Subtitles as SubRip.
 */
#ifndef LEAP_SPEECH_SRT_H
#define LEAP_SPEECH_SRT_H

#include <stddef.h>

#include "base/buffer.h"
#include "speech/cues.h"

/*
 * Appends the cues as SRT: UTF-8 without a mark, CR LF, numbered from 1. SRT knows no
 * escapes, but players obey <tags> and {overrides}: these brackets are written as
 * look-alikes (‹ › and parentheses), so that the text is shown rather than obeyed.
 */
void srt_write(const Cue *cues, size_t count, Buffer *out);

#endif
