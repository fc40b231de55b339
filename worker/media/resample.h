/*
 * media/resample.h
 *	  A stream of mono float samples at any rate becomes 16 kHz signed 16-bit samples.
 *
 * For whole multiples of 16 kHz (48, 32, 16 kHz: nearly every recording) a windowed-sinc
 * filter of our own does it in a quarter of the time of libswresample, which does the rest.
 * Output sample k lies at the time of input sample k x rate / 16000: the filter adds no delay.
 */
#ifndef LEAP_MEDIA_RESAMPLE_H
#define LEAP_MEDIA_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define RESAMPLE_RATE 16000
#define RESAMPLE_TAPS 64

typedef struct Resampler Resampler;

/* Receives finished samples. */
typedef void (*ResampleSink)(void *arg, const int16_t *samples, size_t count);

/* NULL and *err for a rate outside 4 kHz .. 768 kHz, or without memory. */
Resampler *resampler_new(int rate, ResampleSink sink, void *arg, Error *err);
void resampler_free(Resampler *resampler);

void resampler_push(Resampler *resampler, const float *samples, size_t count);

/* Pushes what is still inside: the stream ends here. */
void resampler_finish(Resampler *resampler);

static inline void
cleanup_resampler(Resampler **resampler)
{
	resampler_free(*resampler);
}

#endif
