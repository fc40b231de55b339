/* sources: base/error.c base/utf8.c base/log.c media/resample.c media/libav.c */
/* libs: libcjson libswresample libavutil libavcodec libavformat -lm */
/*
 * tests/unit/test_media_resample.c
 *	  Resampling to 16 kHz: level, stop band, timing, count, any size of pieces.
 */
#include "media/resample.h"

#include <math.h>
#include <stdlib.h>

#include "tap.h"

#define SECONDS 2

typedef struct Heard
{
	int16_t samples[RESAMPLE_RATE * SECONDS + 1000];
	size_t count;
} Heard;

static void
hear(void *arg, const int16_t *samples, size_t count)
{
	Heard *heard = arg;

	for (size_t i = 0; i < count; i++)
		if (heard->count < sizeof heard->samples / sizeof heard->samples[0])
			heard->samples[heard->count++] = samples[i];
}

/* Two seconds of a tone of amplitude 0.5, or of one click at 1 s, in pieces. */
static void
resample(int rate, double tone, size_t piece, Heard *heard)
{
	size_t count = (size_t) rate * SECONDS;
	float *input = calloc(count, sizeof *input);
	Resampler *resampler = resampler_new(rate, hear, heard, NULL);

	for (size_t i = 0; i < count && tone > 0.0; i++)
		input[i] = (float) (0.5 * sin(2.0 * M_PI * tone * (double) i / rate));
	if (tone == 0.0)
		input[rate] = 1.0f;
	heard->count = 0;
	for (size_t at = 0; at < count; at += piece)
		resampler_push(resampler, input + at, count - at < piece ? count - at : piece);
	resampler_finish(resampler);
	resampler_free(resampler);
	free(input);
}

/* Level of the middle part against full scale, dB. */
static double
level_db(const Heard *heard)
{
	double sum = 0.0;
	size_t from = RESAMPLE_RATE / 2;
	size_t to = RESAMPLE_RATE * 3 / 2;

	for (size_t i = from; i < to; i++)
		sum += (double) heard->samples[i] * heard->samples[i] / 32767.0 / 32767.0;
	return 10.0 * log10(sum / (double) (to - from) + 1e-12);
}

static void
test_rate(int rate)
{
	static Heard heard;
	static Heard again;
	size_t loudest = 0;

	resample(rate, 1000.0, 1024, &heard);
	ok(fabs(level_db(&heard) + 9.03) < 0.1, "%d Hz: 1 kHz keeps its level: %.2f dB", rate,
	   level_db(&heard));
	ok(llabs((long long) heard.count - RESAMPLE_RATE * SECONDS) <= 20,
	   "%d Hz: two seconds stay two seconds: %zu", rate, heard.count);
	resample(rate, 1000.0, 37, &again);
	ok(again.count == heard.count &&
		   memcmp(again.samples, heard.samples, heard.count * sizeof(int16_t)) == 0,
	   "%d Hz: pieces of any size give the same", rate);
	resample(rate, 0.0, 500, &heard);
	for (size_t i = 0; i < heard.count; i++)
		if (abs(heard.samples[i]) > abs(heard.samples[loudest]))
			loudest = i;
	ok(llabs((long long) loudest - RESAMPLE_RATE) <= 1,
	   "%d Hz: a click stays at 1 s: %zu", rate, loudest);
	if (rate >= 32000)
	{
		resample(rate, 5500.0, 1024, &heard);
		ok(fabs(level_db(&heard) + 9.03) < 0.5, "%d Hz: 5.5 kHz passes: %.2f dB", rate,
		   level_db(&heard));
		resample(rate, 9500.0, 1024, &heard);
		ok(level_db(&heard) < -55.0, "%d Hz: 9.5 kHz does not: %.1f dB", rate,
		   level_db(&heard));
	}
}

int
main(void)
{
	static const int rates[] = {48000, 32000, 44100, 22050, 16000, 8000};
	Error err = {0};

	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
		test_rate(rates[i]);
	ok(resampler_new(1, hear, NULL, &err) == NULL, "1 Hz is refused");
	is_str(err.code, "bad_sample_rate", "by name");
	return done_testing();
}
