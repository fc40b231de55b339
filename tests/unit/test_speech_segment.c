/* sources: speech/engine_segment.c */
/* libs: -lm */
/*
 * tests/unit/test_speech_segment.c
 *	  Splitting audio by loudness: rooms of noise, speech, long speech, odd lengths.
 */
#include "speech/engine_segment.h"

#include <stdlib.h>

#include "tap.h"

#define FRAMES 20000

static float levels[FRAMES];
static unsigned int seed = 1;

/* Noise as 20 ms frames see it: a level that wanders by some 3 dB. */
static void
room(float level)
{
	for (size_t i = 0; i < FRAMES; i++)
	{
		seed = seed * 1103515245u + 12345u;
		levels[i] = level + (float) (seed >> 16 & 1023) / 340.0f;
	}
}

static void
speak(size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		levels[i] = 60.0f + (float) (i * 7 % 13);
}

/* Names what is wrong with the spans, or NULL. */
static const char *
wrong(const Stretch *spans, size_t count, size_t frames)
{
	size_t floor = 0;

	for (size_t i = 0; i < count; i++)
	{
		if (spans[i].count == 0)
			return "a piece is empty";
		if (spans[i].first < floor)
			return "pieces overlap";
		if (spans[i].count > (750 + 16) * SEGMENT_FRAME)
			return "a piece is too long";
		floor = spans[i].first + spans[i].count;
	}
	return floor <= frames * SEGMENT_FRAME ? NULL : "a piece goes beyond the end";
}

static size_t
pieces(size_t frames, const char *what)
{
	Stretch *spans = NULL;
	size_t count = segment_speech(levels, frames, &spans);
	const char *problem = wrong(spans, count, frames);

	ok(problem == NULL, "%s: %zu pieces, %s", what, count,
	   problem ? problem : "in order");
	free(spans);
	return count;
}

int
main(void)
{
	int16_t quiet[SEGMENT_FRAME] = {0};
	int16_t loud[SEGMENT_FRAME];

	for (size_t i = 0; i < SEGMENT_FRAME; i++)
		loud[i] = INT16_MIN;
	ok(segment_level(quiet, SEGMENT_FRAME) == 0.0f, "digital silence has level 0");
	ok(segment_level(loud, SEGMENT_FRAME) > 90.0f, "full scale is above 90 dB");

	is_int((long long) pieces(0, "nothing"), 0, "no audio, no pieces");
	room(30);
	is_int((long long) pieces(FRAMES, "a quiet room"), 0, "noise is no speech");
	room(0);
	for (size_t i = 0; i < FRAMES; i++)
		levels[i] = 0;
	is_int((long long) pieces(FRAMES, "digital silence"), 0, "silence is no speech");

	room(30);
	speak(1000, 1200);
	speak(1210, 1400);
	speak(2000, 2003);
	speak(3000, 3100);
	is_int((long long) pieces(FRAMES, "three sounds"), 2,
		   "0.2 s do not separate, a click does not count");

	room(30);
	speak(100, 6100);
	ok(pieces(FRAMES, "two minutes without a pause") >= 8, "long speech is cut");
	pieces(6050, "speech up to the end");

	/* gaps in the recording are digital silence, much quieter than the room */
	room(40);
	speak(5000, 5500);
	for (size_t i = 8000; i < FRAMES; i++)
		levels[i] = 0;
	is_int((long long) pieces(FRAMES, "a gap in the recording"), 1,
		   "the room is not taken for speech");
	return done_testing();
}
