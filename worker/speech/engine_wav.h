/*
 * speech/engine_wav.h
 *	  Reading samples out of a WAV file by position.
 */
#ifndef LEAP_SPEECH_ENGINE_WAV_H
#define LEAP_SPEECH_ENGINE_WAV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define ENGINE_SAMPLE_RATE 16000

/* A range of samples in an open file. */
typedef struct PcmRange
{
	int fd;
	off_t offset; /* of the first sample, bytes */
	size_t samples;
} PcmRange;

/*
 * Finds the samples between start and end (seconds) of a 16 kHz mono 16-bit WAV. A size
 * field of 0 or beyond the file (a writer that could not seek back) means: to the end.
 */
bool pcm_open(int fd, double start, double end, PcmRange *range, Error *err);

/* Reads `count` samples from `first` (relative to the range). May be called by several
 * threads at once. */
bool pcm_read(const PcmRange *range, size_t first, size_t count, int16_t *samples,
			  Error *err);

#endif
