/*
 * speech/engine_segment.h
 *	  Splits audio into pieces of speech by their loudness. Pure.
 */
#ifndef LEAP_SPEECH_ENGINE_SEGMENT_H
#define LEAP_SPEECH_ENGINE_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

/* A loudness frame: 20 ms at 16 kHz. */
#define SEGMENT_FRAME 320

/* Samples [first, first + count). */
typedef struct Stretch
{
	size_t first;
	size_t count;
} Stretch;

/* Loudness of one frame, decibels over one digital step; 0 for digital silence. */
float segment_level(const int16_t *samples, size_t count);

/*
 * The pieces of speech in `count` frames: separated by at least 0.3 s of quiet, at most
 * 15 s long (longer speech is cut at its quietest frame), widened by up to 0.16 s, in
 * order, never overlapping. Returns their number; the caller frees *spans.
 */
size_t segment_speech(const float *levels, size_t count, Stretch **spans);

#endif
