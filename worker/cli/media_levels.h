/*
 * cli/media_levels.h
 *	  The loudness of a recording as leap-media stored it (docs/protocol.md section 3), to be
 *	  printed and drawn.
 */
#ifndef LEAP_CLI_MEDIA_LEVELS_H
#define LEAP_CLI_MEDIA_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/spans.h"

#define LEVELS_PER_SECOND 100
/* As many levels as leap-media stores: 48 hours of them. */
#define LEVELS_MOST ((size_t) 48 * 3600 * LEVELS_PER_SECOND)
#define LEVELS_STEP (1.0 / LEVELS_PER_SECOND)

typedef struct Levels
{
	uint8_t *pairs; /* RMS and peak of each step, see docs/protocol.md */
	size_t count;
} Levels;

/* Over a part of a recording, in dBFS; NAN where there is no sound. */
typedef struct Level
{
	double rms;
	double peak;
} Level;

/* Reads a stored envelope; anything else is an input error, code bad_envelope. */
bool levels_read(Levels *levels, int fd, Error *err);
void levels_free(Levels *levels);

/* Does the file begin as a stored envelope does? */
bool levels_recognise(int fd);

/* The level of the steps from..to-1. */
Level levels_over(const Levels *levels, size_t from, size_t to);

typedef struct LevelPicture
{
	double duration; /* seconds */
	double low;      /* dBFS of the lowest block and of the highest */
	double high;
	const Span *kept;
	size_t kept_count;
	int width; /* columns */
} LevelPicture;

/* Writes the recording as a line of blocks, below it what is kept of it and the time; in
 * UTF-8, each line indented by two. */
void levels_draw(FILE *out, const Levels *levels, const LevelPicture *picture);

static inline void
cleanup_levels(Levels *levels)
{
	levels_free(levels);
}

#endif
