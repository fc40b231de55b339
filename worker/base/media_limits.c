/*
 * base/media_limits.c
 *	  The table of what leap-media may take.
 *
 * An honest lecture needs less than a tenth of it on a slow machine: the numbers shall only
 * end what is caught in a loop, or was made to use up the machine.
 */
#include "base/media_limits.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MIB (INT64_C(1) << 20)

/* A WAV file can be no larger. */
#define MOST_OF_ANALYSE (4096 * MIB)
#define NO_BOUND        INT64_MAX

/* What is taken for the size of a file that is still arriving, and of which nobody knows. */
#define ARRIVING_BYTES (INT64_C(32) << 30)

/* With more the products below could overflow. */
#define MOST_BYTES (INT64_C(1) << 50)

#define WALL_FLOOR  600.0
#define WALL_FACTOR 2.0

typedef struct LimitRow
{
	const char *name; /* of the command */
	int64_t memory_mib;
	int64_t file_floor_mib;
	int64_t file_factor; /* bytes for every byte of input */
	int64_t file_most;
	double cpu_floor; /* seconds */
	double cpu_per_mib;
} LimitRow;

/*
 * The first row is for commands nobody knows. Sound of 5 kbit/s becomes 64 times as large;
 * a MiB of what is transcribed is half a minute; "encode" is a cut that encodes pictures.
 */
static const LimitRow rows[] = {
	{"probe",      512,  1,   0,  NO_BOUND,        60,  0.1},
	{"boundaries", 512,  1,   0,  NO_BOUND,        60,  1  },
	{"analyse",    1024, 64,  64, MOST_OF_ANALYSE, 120, 2  },
	{"chapters",   768,  64,  2,  NO_BOUND,        120, 2  },
	{"cut",        768,  64,  2,  NO_BOUND,        120, 2  },
	{"encode",     4096, 256, 8,  NO_BOUND,        900, 120},
	{"sound",      512,  8,   1,  NO_BOUND,        120, 4  },
	{"transcribe", 2048, 1,   0,  NO_BOUND,        600, 200},
};

/* The value of an option, NULL if it is not given. */
static const char *
option_of(const char *const *argv, const char *name)
{
	for (; argv[0] != NULL && argv[1] != NULL; argv++)
		if (strcmp(argv[0], name) == 0)
			return argv[1];
	return NULL;
}

static bool
encodes(const char *const *argv)
{
	const char *mode = option_of(argv, "--mode");

	return option_of(argv, "--still") != NULL ||
		   (mode != NULL && strcmp(mode, "copy") != 0);
}

static const LimitRow *
find_row(const char *const *argv)
{
	const char *name = argv[0] != NULL ? argv[0] : "";

	if (strcmp(name, "cut") == 0 && encodes(argv))
		name = "encode";
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return &rows[0];
}

static int64_t
bounded(int64_t bytes)
{
	return bytes < 0 ? 0 : bytes < MOST_BYTES ? bytes : MOST_BYTES;
}

/* What will be there of a file that is still arriving. */
static int64_t
arriving_size(const char *const *argv, int64_t input_bytes)
{
	const char *text = option_of(argv, "--arrival-size");
	char *end = NULL;
	long long told;

	errno = 0;
	told = text != NULL ? strtoll(text, &end, 10) : -1;
	if (told < 0 || errno != 0 || end == text || *end != '\0')
		told = ARRIVING_BYTES;
	return told > input_bytes ? told : input_bytes;
}

MediaLimits
media_limits(const char *const *argv, int64_t input_bytes)
{
	const LimitRow *row = find_row(argv);
	bool arriving = option_of(argv, "--arrival") != NULL;
	int64_t bytes = bounded(arriving ? arriving_size(argv, input_bytes) : input_bytes);
	MediaLimits limits = {
		.expected_bytes = arriving ? bytes : -1,
		.wall_per_mib = WALL_FACTOR * row->cpu_per_mib,
		.memory_bytes = row->memory_mib * MIB,
		.file_bytes = row->file_floor_mib * MIB + row->file_factor * bytes,
		.cpu_seconds = row->cpu_floor + row->cpu_per_mib * (double) bytes / (double) MIB,
	};

	if (limits.file_bytes > row->file_most)
		limits.file_bytes = row->file_most;
	limits.wall_seconds = WALL_FLOOR + WALL_FACTOR * limits.cpu_seconds;
	return limits;
}

double
media_limits_wall(const MediaLimits *limits, int64_t bytes)
{
	int64_t fewer = limits->expected_bytes - bytes;

	return limits->wall_seconds -
		   (fewer > 0 ? limits->wall_per_mib * (double) fewer / (double) MIB : 0);
}
