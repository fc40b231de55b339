/* sources: base/error.c base/utf8.c base/spans.c base/buffer.c speech/engine_wav.c media/wav.c media/bytes.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_speech_wav.c
 *	  What the recogniser hears of a recording that was cut: the kept samples in output time.
 */
#include "speech/engine_wav.h"

#include <sys/mman.h>
#include <unistd.h>

#include "media/wav.h"
#include "tap.h"

#define SECONDS 10
#define RATE    ENGINE_SAMPLE_RATE

/* Ten seconds in which each sample tells its place: hundredths of a second, from 1. */
static int
make_sound(void)
{
	static int16_t samples[SECONDS * RATE];
	int fd = memfd_create("sound", 0);
	WavWriter wav;
	Error err = {0};

	for (int i = 0; i < SECONDS * RATE; i++)
		samples[i] = (int16_t) (i / (RATE / 100) + 1);
	if (!wav_open(&wav, fd, &err))
		return -1;
	wav_write(&wav, samples, SECONDS * RATE);
	(void) wav_finish(&wav);
	wav_free(&wav);
	return fd;
}

/* The sample that is heard at so many seconds. */
static int
heard(const PcmCut *cut, double at)
{
	int16_t sample = -1;
	Error err = {0};

	return pcm_read(cut, (size_t) (at * RATE), 1, &sample, &err) ? sample : -1;
}

static void
hear_parts(int fd)
{
	const CutSpan cuts[] = {
		{1, 3,  0},
        {4, 5,  2},
        {8, 12, 3}
    };
	static int16_t all[5 * RATE];
	PcmCut cut;
	Error err = {0};
	bool runs_on = true;

	ok(pcm_open(fd, cuts, 3, &cut, &err), "three parts");
	is_int((long long) cut.samples, 5 * RATE,
		   "as long as what is kept, as far as there is sound");
	is_int(heard(&cut, 0), 101, "the output begins with the first part");
	is_int(heard(&cut, 1.995), 300, "the first part is heard to its end");
	is_int(heard(&cut, 2), 401, "the second follows at once");
	is_int(heard(&cut, 3.5), 851, "and the third");
	ok(pcm_read(&cut, 0, 5 * RATE, all, &err), "all in one read");
	for (int i = 0; i < 5 * RATE; i += RATE / 100)
		runs_on = runs_on && all[i] == heard(&cut, (double) i / RATE + 0.0001);
	ok(runs_on, "is what single reads give");
	pcm_close(&cut);
}

static void
hear_seams(int fd)
{
	const CutSpan apart[] = {
		{1, 2, 0  },
        {4, 5, 1.5}
    };
	const CutSpan rounded[] = {
		{1, 2, 0   },
        {4, 5, 0.99}
    };
	const CutSpan early[] = {
		{-1, 2, 0}
    };
	PcmCut cut;
	Error err = {0};

	ok(pcm_open(fd, apart, 2, &cut, &err), "parts that do not touch");
	is_int(heard(&cut, 1.25), 0, "have silence between them");
	is_int(heard(&cut, 1.5), 401, "and keep their places");
	pcm_close(&cut);
	ok(pcm_open(fd, rounded, 2, &cut, &err), "parts that overlap by rounding");
	is_int(heard(&cut, 0.985), 199, "the first gives way");
	is_int(heard(&cut, 0.9901), 401, "the second is whole");
	pcm_close(&cut);
	ok(pcm_open(fd, early, 1, &cut, &err), "pictures that begin before the sound");
	is_int(heard(&cut, 0.5), 0, "begin in silence");
	is_int(heard(&cut, 1), 1, "until the sound begins");
	pcm_close(&cut);
}

int
main(void)
{
	const CutSpan behind[] = {
		{20, 30, 0}
    };
	int fd = make_sound();
	PcmCut cut;
	Error err = {0};

	hear_parts(fd);
	hear_seams(fd);
	ok(!pcm_open(fd, behind, 1, &cut, &err), "what keeps no sound is refused");
	is_str(err.code, "bad_range", "by name");
	pcm_close(&cut);
	close(fd);
	return done_testing();
}
