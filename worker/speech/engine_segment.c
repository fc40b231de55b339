/*
 * speech/engine_segment.c
 *	  Adaptive energy segmentation.
 *
 * The threshold lies 30 % of the way from the noise floor (10th percentile of the frame
 * levels) to the speech level (90th), at least MARGIN above the floor: the levels of
 * steady noise spread over about 3 dB, so a recording of noise alone has no speech.
 * Frames of digital silence say nothing about the room and are left out of the floor.
 */
#include "speech/engine_segment.h"

#include <math.h>
#include <stdbool.h>

#include "base/array.h"

#define FLOOR_SHARE  0.10
#define SPEECH_SHARE 0.90
#define RISE         0.30f
#define MARGIN       5.0f
#define LOWEST_LEVEL 25.0f /* about -65 dBFS: below it nobody speaks */
#define QUIET_FRAMES 15    /* 0.3 s end a piece */
#define PAD_FRAMES   8
#define MOST_FRAMES  750 /* 15 s */
#define LEAST_FRAMES 5   /* a click is shorter */

typedef struct SpanList
{
	Stretch *items; /* in frames */
	size_t count;
	size_t room;
} SpanList;

float
segment_level(const int16_t *samples, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (double) samples[i] * samples[i];
	return count > 0 ? (float) (10.0 * log10(sum / (double) count + 1.0)) : 0.0f;
}

static int
by_level(const void *left, const void *right)
{
	float a = *(const float *) left;
	float b = *(const float *) right;

	return (a > b) - (a < b);
}

static float
threshold_of(const float *levels, size_t count)
{
	float *sorted = array_new(count, sizeof *sorted);
	size_t sounding = 0;
	float threshold = LOWEST_LEVEL;

	for (size_t i = 0; i < count; i++)
		if (levels[i] > 0.0f)
			sorted[sounding++] = levels[i];
	if (sounding > 0)
	{
		float low;
		float high;

		qsort(sorted, sounding, sizeof *sorted, by_level);
		low = sorted[(size_t) ((double) sounding * FLOOR_SHARE)];
		high = sorted[(size_t) ((double) sounding * SPEECH_SHARE)];
		threshold = fmaxf(low + fmaxf((high - low) * RISE, MARGIN), LOWEST_LEVEL);
	}
	free(sorted);
	return threshold;
}

static void
add_span(SpanList *list, size_t from, size_t to)
{
	list->items = array_room(list->items, &list->room, list->count + 1, sizeof(Stretch));
	list->items[list->count++] = (Stretch){from, to - from};
}

static size_t
quietest(const float *levels, size_t from, size_t to)
{
	size_t best = from;

	for (size_t i = from; i < to; i++)
		if (levels[i] < levels[best])
			best = i;
	return best;
}

/* Adds the loud stretch [from, to), cut into pieces that are not too long. */
static void
add_stretch(SpanList *list, const float *levels, size_t from, size_t to)
{
	while (to - from > MOST_FRAMES)
	{
		size_t cut = quietest(levels, from + MOST_FRAMES * 2 / 3, from + MOST_FRAMES);

		add_span(list, from, cut);
		from = cut;
	}
	if (to - from >= LEAST_FRAMES)
		add_span(list, from, to);
}

/* Widens every piece into the quiet around it, at most half way to its neighbour, and
 * turns frames into samples. */
static void
pad_spans(SpanList *list, size_t frames)
{
	size_t floor = 0;

	for (size_t i = 0; i < list->count; i++)
	{
		Stretch *span = &list->items[i];
		size_t end = span->first + span->count;
		size_t next = i + 1 < list->count ? list->items[i + 1].first : frames;
		size_t ceiling = i + 1 < list->count ? end + (next - end) / 2 : frames;
		size_t from = span->first > floor + PAD_FRAMES ? span->first - PAD_FRAMES : floor;
		size_t to = end + PAD_FRAMES < ceiling ? end + PAD_FRAMES : ceiling;

		*span = (Stretch){from * SEGMENT_FRAME, (to - from) * SEGMENT_FRAME};
		floor = to;
	}
}

size_t
segment_speech(const float *levels, size_t count, Stretch **spans)
{
	SpanList list = {0};
	float threshold = threshold_of(levels, count);
	bool inside = false;
	size_t from = 0;
	size_t loud = 0; /* the frame behind the last loud one */

	for (size_t i = 0; i < count; i++)
	{
		if (levels[i] > threshold)
		{
			from = inside ? from : i;
			loud = i + 1;
			inside = true;
		}
		else if (inside && i + 1 - loud >= QUIET_FRAMES)
		{
			add_stretch(&list, levels, from, loud);
			inside = false;
		}
	}
	if (inside)
		add_stretch(&list, levels, from, loud);
	pad_spans(&list, count);
	*spans = list.items;
	return list.count;
}
