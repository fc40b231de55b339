/*
 * media/resample.c
 *	  Resampling to 16 kHz.
 */
#include "media/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/libav.h"

#define BLOCK 4096 /* input samples filtered at a time */

/* 8 floats: one AVX register, or two of SSE; any address will do */
typedef float Vector __attribute__((vector_size(32), aligned(4), may_alias));

struct Resampler
{
	int factor; /* rate / 16000 where that is whole, else 0 */
	float taps[RESAMPLE_TAPS];
	float *window; /* unfinished input: RESAMPLE_TAPS - 1 of history and a block */
	size_t filled;
	SwrContext *swr;
	ResampleSink sink;
	void *arg;
};

/* A low pass at 7.2 kHz: sinc under a Hamming window, sum 1. What would be mirrored below
 * 7 kHz, where speech is, is at least 50 dB down. */
static void
design_filter(float *taps, int rate)
{
	const double cutoff = 7200.0 / rate;
	double sum = 0.0;

	for (int i = 0; i < RESAMPLE_TAPS; i++)
	{
		double x = i - (RESAMPLE_TAPS - 1) / 2.0;
		double window = 0.54 - 0.46 * cos(2.0 * M_PI * i / (RESAMPLE_TAPS - 1));

		taps[i] = (float) (window * sin(2.0 * M_PI * cutoff * x) / (M_PI * x));
		sum += taps[i];
	}
	for (int i = 0; i < RESAMPLE_TAPS; i++)
		taps[i] = (float) (taps[i] / sum);
}

static bool
open_swr(Resampler *resampler, int rate, Error *err)
{
	AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
	int result =
		swr_alloc_set_opts2(&resampler->swr, &mono, AV_SAMPLE_FMT_S16, RESAMPLE_RATE,
							&mono, AV_SAMPLE_FMT_FLT, rate, 0, NULL);

	if (result >= 0)
		result = swr_init(resampler->swr);
	return result >= 0 || libav_error(err, ERROR_INPUT, "bad_sample_rate", NULL, result,
									  "cannot resample the sound");
}

static bool
open_filter(Resampler *resampler, int rate, Error *err)
{
	resampler->factor = rate / RESAMPLE_RATE;
	resampler->window = calloc(RESAMPLE_TAPS + BLOCK, sizeof *resampler->window);
	if (resampler->window == NULL)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory to resample the sound");
	design_filter(resampler->taps, rate);
	/* the first output is centred on the first input: half the history is silence */
	resampler->filled = RESAMPLE_TAPS / 2 - 1;
	return true;
}

Resampler *
resampler_new(int rate, ResampleSink sink, void *arg, Error *err)
{
	Resampler *resampler;
	bool opened;

	if (rate < 4000 || rate > 768000)
	{
		error_set(err, ERROR_INPUT, "bad_sample_rate", "Convert the sound to 48 kHz.",
				  "the sound has a sample rate of %d Hz; 4000 .. 768000 can be read",
				  rate);
		return NULL;
	}
	resampler = calloc(1, sizeof *resampler);
	if (resampler == NULL)
	{
		error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
				  "no memory to resample the sound");
		return NULL;
	}
	resampler->sink = sink;
	resampler->arg = arg;
	opened = rate == 3 * RESAMPLE_RATE || rate == 2 * RESAMPLE_RATE
				 ? open_filter(resampler, rate, err)
				 : open_swr(resampler, rate, err);
	if (opened)
		return resampler;
	resampler_free(resampler);
	return NULL;
}

void
resampler_free(Resampler *resampler)
{
	if (resampler == NULL)
		return;
	swr_free(&resampler->swr);
	free(resampler->window);
	free(resampler);
}

/* Filters every factor-th position of the window; the number of results. */
__attribute__((target_clones("arch=x86-64-v3", "default"))) static size_t
filter_window(const float *window, size_t filled, int factor, const float *taps,
			  int16_t *out)
{
	size_t count = 0;

	for (size_t at = 0; at + RESAMPLE_TAPS <= filled; at += (size_t) factor)
	{
		Vector a = {0};
		Vector b = {0};
		float sample;

		for (size_t t = 0; t < RESAMPLE_TAPS; t += 16)
		{
			a += *(const Vector *) (window + at + t) * *(const Vector *) (taps + t);
			b += *(const Vector *) (window + at + t + 8) *
				 *(const Vector *) (taps + t + 8);
		}
		a += b;
		a += __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3);
		a += __builtin_shufflevector(a, a, 2, 3, 0, 1, 6, 7, 4, 5);
		sample = 32767.0f * (a[0] + a[1]);
		sample = sample > 32767.0f ? 32767.0f : sample < -32767.0f ? -32767.0f : sample;
		out[count++] = (int16_t) (int) (sample + (sample < 0.0f ? -0.5f : 0.5f));
	}
	return count;
}

static void
push_filter(Resampler *resampler, const float *samples, size_t count)
{
	int16_t out[BLOCK / 2 + RESAMPLE_TAPS];

	while (count > 0)
	{
		size_t room = RESAMPLE_TAPS + BLOCK - resampler->filled;
		size_t part = count < room ? count : room;
		size_t made;
		size_t used;

		memcpy(resampler->window + resampler->filled, samples, part * sizeof *samples);
		resampler->filled += part;
		samples += part;
		count -= part;
		made = filter_window(resampler->window, resampler->filled, resampler->factor,
							 resampler->taps, out);
		used = made * (size_t) resampler->factor;
		resampler->filled -= used;
		memmove(resampler->window, resampler->window + used,
				resampler->filled * sizeof *resampler->window);
		resampler->sink(resampler->arg, out, made);
	}
}

static void
push_swr(Resampler *resampler, const float *samples, size_t count)
{
	do
	{
		int16_t out[BLOCK];
		uint8_t *to = (uint8_t *) out;
		size_t part = count < 1024 ? count : 1024;
		const uint8_t *from = (const uint8_t *) samples;
		int made = swr_convert(resampler->swr, &to, BLOCK, samples != NULL ? &from : NULL,
							   (int) part);

		if (made > 0)
			resampler->sink(resampler->arg, out, (size_t) made);
		if (samples == NULL && made <= 0)
			return;
		if (samples != NULL)
			samples += part;
		count -= part;
	} while (samples == NULL || count > 0);
}

void
resampler_push(Resampler *resampler, const float *samples, size_t count)
{
	if (count == 0)
		return;
	if (resampler->swr != NULL)
		push_swr(resampler, samples, count);
	else
		push_filter(resampler, samples, count);
}

void
resampler_finish(Resampler *resampler)
{
	static const float silence[RESAMPLE_TAPS];

	if (resampler->swr != NULL)
		push_swr(resampler, NULL, 0);
	else
		push_filter(resampler, silence, RESAMPLE_TAPS / 2);
}
