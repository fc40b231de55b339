/* sources: base/error.c base/utf8.c media/wav.c media/bytes.c */
/* libs: -lm */
/*
 * tests/fuzz/fuzz_wav.c
 *	  Any order of sound and silence: the WAV file holds all of it at its place, and its
 *	  header says how much; what is longer than a WAV file can be is refused.
 *
 * An input is a row of steps of three bytes: what, and how much of it.
 */
#include "media/wav.h"

#include <sys/mman.h>
#include <unistd.h>

#include "media/bytes.h"

#define FUZZ_BINARY
#define FUZZ_USUAL 8000
#include "driver.h"

#define STEPS     64
#define MOST_PART 65536

#define MIXED   "\0\1\0\1\20\0\0\377\377\1\0\1\0\0\0\0\0\1"
#define LONG    "\1\377\377\0\377\377\0\377\377\0\0\7"
#define ENDLESS "\2\1\0\0\1\0\2\150\0\2\150\0\0\0\1"

#define SAMPLE(text) (sizeof(text) - 1)

const char *const fuzz_samples[] = {MIXED, LONG, ENDLESS, NULL};
const size_t fuzz_sizes[] = {SAMPLE(MIXED), SAMPLE(LONG), SAMPLE(ENDLESS)};

/* One step: `count` samples of a value, or of silence. */
typedef struct Step
{
	int64_t count;
	int16_t value;
} Step;

static int16_t part[MOST_PART];
static int output = -1;

static Step
read_step(const uint8_t *bytes)
{
	unsigned number = (unsigned) bytes[1] << 8 | bytes[2];

	if (bytes[0] % 4 == 2)
		return (Step){(int64_t) number * 100000, 0};
	return (Step){number, bytes[0] % 2 == 0 ? (int16_t) (number | 1) : 0};
}

static void
take_step(WavWriter *wav, const Step *step)
{
	if (step->value == 0)
	{
		wav_silence(wav, step->count);
		return;
	}
	for (int64_t i = 0; i < step->count; i++)
		part[i] = step->value;
	wav_write(wav, part, (size_t) step->count);
}

static void
check_sample(int64_t sample, int16_t wanted)
{
	int16_t got = 0;

	fuzz_check(pread(output, &got, sizeof got, WAV_HEADER_SIZE + 2 * sample) == 2 &&
				   got == wanted,
			   "every sample lies at its place");
}

static void
check_file(const Step *steps, size_t count, int64_t total)
{
	uint8_t header[WAV_HEADER_SIZE];
	int64_t at = 0;

	fuzz_check(lseek(output, 0, SEEK_END) == WAV_HEADER_SIZE + 2 * total,
			   "the file has the length of its sound");
	fuzz_check(pread(output, header, sizeof header, 0) == sizeof header &&
				   get_le32(header + 40) == 2 * total && get_le32(header + 24) == 16000,
			   "the header says how much");
	for (size_t i = 0; i < count; at += steps[i++].count)
	{
		if (steps[i].count == 0)
			continue;
		check_sample(at, steps[i].value);
		check_sample(at + steps[i].count - 1, steps[i].value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Step steps[STEPS];
	size_t count = 0;
	int64_t total = 0;
	WavWriter wav;
	Error err = {0};
	bool finished;

	if (output < 0)
		output = memfd_create("output", 0);
	if (!wav_open(&wav, output, &err))
		abort();
	for (; count < STEPS && size >= 3 * (count + 1); count++)
	{
		steps[count] = read_step(data + 3 * count);
		take_step(&wav, &steps[count]);
		total += steps[count].count;
	}
	finished = wav_finish(&wav);
	wav_free(&wav);
	fuzz_check(finished == (total <= WAV_MAX_SAMPLES), "a WAV file holds 37 hours");
	if (finished)
		check_file(steps, count, total);
	else
		fuzz_check(strcmp(err.code, "recording_too_long") == 0,
				   "longer sound is refused");
	return 0;
}
