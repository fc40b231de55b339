/* sources: base/error.c base/utf8.c base/buffer.c base/timecode.c cli/media_levels.c */
/* libs: libcjson -lm */
/*
 * tests/fuzz/fuzz_levels.c
 *	  Whatever somebody gives `leap media` as a stored envelope: it is refused with a code, or
 *	  all its levels lie within the scale and can be drawn.
 */
#include "cli/media_levels.h"

#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#define FUZZ_BINARY
#define FUZZ_USUAL 20000
#include "driver.h"

#define EMPTY "LENV\1\0\0\0\12\0\0\0\0\0\0\0"
#define THREE "LENV\1\0\0\0\12\0\0\0\3\0\0\0\50\40\377\377\376\376"
#define LYING "LENV\1\0\0\0\12\0\0\0\377\377\377\377\50\40"

#define SAMPLE(text) (sizeof(text) - 1)

const char *const fuzz_samples[] = {EMPTY, THREE, LYING, NULL};
const size_t fuzz_sizes[] = {SAMPLE(EMPTY), SAMPLE(THREE), SAMPLE(LYING)};

static int input = -1;
static FILE *nowhere;

static void
check_levels(const Levels *levels)
{
	static const Span kept = {0, 1};
	LevelPicture picture = {
		.duration = (double) levels->count * LEVELS_STEP,
		.low = -60,
		.high = -20,
		.kept = &kept,
		.kept_count = 1,
		.width = 80,
	};

	for (size_t i = 0; i <= levels->count; i++)
	{
		Level level = levels_over(levels, i, i + 3);

		fuzz_check(isnan(level.rms) || (level.rms <= 0 && level.rms >= -127),
				   "a level lies within the scale");
	}
	levels_draw(nowhere, levels, &picture);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Levels levels = {0};
	Error err = {0};

	if (input < 0)
	{
		input = memfd_create("input", 0);
		nowhere = fopen("/dev/null", "we");
	}
	if (ftruncate(input, 0) != 0 || pwrite(input, data, size, 0) != (ssize_t) size)
		abort();
	if (levels_read(&levels, input, &err))
	{
		fuzz_check(levels_recognise(input) && 16 + 2 * levels.count <= size,
				   "an envelope holds what it counts");
		check_levels(&levels);
	}
	else
		fuzz_check(strcmp(err.code, "bad_envelope") == 0, "what is none is refused");
	levels_free(&levels);
	return 0;
}
