/* sources: base/error.c base/utf8.c base/buffer.c base/timecode.c cli/media_levels.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_levels.c
 *	  A stored loudness envelope as `leap media` reads, measures and draws it.
 */
#include "cli/media_levels.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

/* A file with that header and these pairs. */
static int
stored(uint32_t count, const uint8_t *pairs, size_t size)
{
	uint8_t header[16] = {'L', 'E', 'N', 'V', 1, 0, 0, 0, 10};
	int fd = memfd_create("envelope", 0);

	for (int i = 0; i < 4; i++)
		header[12 + i] = (uint8_t) (count >> (8 * i));
	if (write(fd, header, sizeof header) != sizeof header ||
		write(fd, pairs, size) != (ssize_t) size)
		abort();
	return fd;
}

static void
test_reading(void)
{
	static const uint8_t pairs[] = {40, 20, 80, 60, 255, 255, 254, 254};
	Levels levels = {0};
	Error err = {0};
	int fd = stored(4, pairs, sizeof pairs);
	Level level;

	ok(levels_recognise(fd) && levels_read(&levels, fd, &err), "an envelope is read");
	is_int((long long) levels.count, 4, "with all its levels");
	level = levels_over(&levels, 0, 1);
	ok(level.rms == -20 && level.peak == -10, "a level is half of what is stored");
	level = levels_over(&levels, 0, 2);
	ok(fabs(level.rms - -23.0) < 0.05 && level.peak == -10,
	   "of several the mean of their energy counts, and the highest peak");
	ok(isnan(levels_over(&levels, 2, 3).rms),
	   "where there is no sound there is no level");
	ok(levels_over(&levels, 1, 3).rms == -40, "but beside it there is");
	ok(levels_over(&levels, 3, 4).rms == -127, "digital silence is the lowest level");
	ok(isnan(levels_over(&levels, 4, 100).rms), "behind the end there is none");
	levels_free(&levels);
	close(fd);
}

static void
test_refusals(void)
{
	static const uint8_t pair[] = {1, 2};
	const struct
	{
		uint32_t count;
		const char *message;
	} rows[] = {
		{2,          "ends before"},
		{0xffffffff, "48 hours"   },
	};
	Levels levels = {0};
	Error err = {0};
	int fd;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		fd = stored(rows[i].count, pair, sizeof pair);
		ok(!levels_read(&levels, fd, &err) &&
			   strstr(err.message, rows[i].message) != NULL,
		   "%u levels in two bytes: %s", rows[i].count, err.message);
		is_str(err.code, "bad_envelope", "is no envelope");
		close(fd);
	}
	fd = memfd_create("other", 0);
	ok(write(fd, "RIFF", 4) == 4 && !levels_recognise(fd) &&
		   !levels_read(&levels, fd, &err),
	   "neither is another file");
	close(fd);
}

static void
test_drawing(void)
{
	static const Span kept[] = {
		{0.04, 0.06},
        {0.09, 0.10}
    };
	uint8_t pairs[20];
	Levels levels = {.pairs = pairs, .count = 10};
	LevelPicture picture = {.duration = 0.1,
							.low = -60,
							.high = -20,
							.width = 23,
							.kept = kept,
							.kept_count = 2};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < 10; i++)
		pairs[2 * i] = (uint8_t) (i < 4 ? 120 : i < 6 ? 40 : i < 8 ? 80 : 255);
	levels_draw(out, &levels, &picture);
	fclose(out);
	is_str(text,
		   "          ████▄▄▄▄····\n"
		   "          ━━━━      ━━\n"
		   "  0:00    0:00    0:00\n",
		   "blocks for levels, dots where there is no sound, a line below what is kept");
	free(text);
}

int
main(void)
{
	test_reading();
	test_refusals();
	test_drawing();
	return done_testing();
}
