/*
 * speech/engine_wav.h
 *	  Reading samples out of a WAV file by position, as if what was cut away were not there.
 */
#ifndef LEAP_SPEECH_ENGINE_WAV_H
#define LEAP_SPEECH_ENGINE_WAV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/spans.h"

#define ENGINE_SAMPLE_RATE 16000

/* Samples of the file that follow each other in the output as well. */
typedef struct PcmPart
{
	size_t from; /* in the file */
	size_t at;   /* in the output */
	size_t count;
} PcmPart;

/* The kept samples of an open file. */
typedef struct PcmCut
{
	int fd;
	off_t offset; /* of the file's first sample, bytes */
	PcmPart *parts;
	size_t part_count;
	size_t samples; /* of the output */
} PcmCut;

/*
 * Finds what a cut list (base/spans.h, at least one span) keeps of a 16 kHz mono 16-bit
 * WAV. A size field of 0 or beyond the file (a writer that could not seek back) means: to
 * the end. What a span has beyond the sound counts for nothing; a list that keeps nothing
 * of it is input, code bad_range. pcm_close releases the parts, also after a failure.
 */
bool pcm_open(int fd, const CutSpan *cuts, size_t count, PcmCut *cut, Error *err);
void pcm_close(PcmCut *cut);

/* Reads `count` samples from `first`, both in output time, which lie before cut->samples.
 * Between two parts that do not touch there is silence. May be called by several threads
 * at once. */
bool pcm_read(const PcmCut *cut, size_t first, size_t count, int16_t *samples,
			  Error *err);

#endif
