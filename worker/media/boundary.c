/*
 * media/boundary.c
 *	  Adaptive speech boundaries.
 */
#include "media/boundary.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* A voice closer than this to the noise, or quieter than this, is no usable speech. */
#define MIN_CONTRAST_DB 6.0
#define MIN_SPEECH_DB   (-55.0)

/* The threshold lies this share of the contrast above the noise, within these limits. */
#define CONTRAST_SHARE 0.4
#define MIN_MARGIN_DB  6.0
#define MAX_MARGIN_DB  20.0

/* Digital silence is not a room: below this a floor says nothing about the noise that
 * will be heard as soon as the microphone opens. */
#define LOWEST_FLOOR_DB (-80.0)

/* Active: NEED hops above the threshold within WINDOW hops. */
#define ACTIVE_WINDOW 30
#define ACTIVE_NEED   12

/* Sustained: NEED hops above the threshold within the neighbouring REACH hops. */
#define SUSTAINED_REACH 500
#define SUSTAINED_NEED  60

typedef struct Activity
{
	uint32_t *above; /* above[i]: hops louder than the threshold before hop i */
	uint8_t *active; /* 1 where the moment is active */
	size_t count;
} Activity;

static void
cleanup_activity(Activity *activity)
{
	free(activity->above);
	free(activity->active);
}

static double
percentile(const Envelope *envelope, double share)
{
	size_t histogram[256] = {0};
	size_t heard = 0;
	size_t rank;
	size_t seen = 0;

	for (size_t i = 0; i < envelope->count; i++)
		histogram[envelope->hops[i].rms]++;
	heard = envelope->count - histogram[ENVELOPE_MISSING];
	rank = (size_t) (share * (double) heard);
	/* a greater byte is a lower level */
	for (int level = ENVELOPE_SILENT; level > 0; level--)
	{
		seen += histogram[level];
		if (seen > rank)
			return envelope_decibel((uint8_t) level);
	}
	return 0.0;
}

static bool
has_sound(const Envelope *envelope)
{
	for (size_t i = 0; i < envelope->count; i++)
		if (envelope->hops[i].rms != ENVELOPE_MISSING)
			return true;
	return false;
}

static double
clamp(double value, double low, double high)
{
	return value < low ? low : value > high ? high : value;
}

/* Sets levels and threshold; false when the voice does not stand out. */
static bool
measure_levels(const Envelope *envelope, const BoundaryOptions *options,
			   Boundaries *found)
{
	double floor;
	double contrast;

	found->noise_db = percentile(envelope, 0.10);
	found->speech_db = percentile(envelope, 0.95);
	floor = found->noise_db < LOWEST_FLOOR_DB ? LOWEST_FLOOR_DB : found->noise_db;
	contrast = found->speech_db - floor;
	found->threshold_db =
		floor + clamp(CONTRAST_SHARE * contrast, MIN_MARGIN_DB, MAX_MARGIN_DB);
	if (options->has_threshold)
	{
		found->threshold_db = options->threshold_db;
		return true;
	}
	return contrast >= MIN_CONTRAST_DB && found->speech_db >= MIN_SPEECH_DB;
}

static bool
is_above(const Activity *activity, size_t i)
{
	return activity->above[i + 1] != activity->above[i];
}

/* Hops above the threshold in [from, to), cut to the envelope. */
static uint32_t
above_between(const Activity *activity, size_t from, size_t to)
{
	return activity->above[to < activity->count ? to : activity->count] -
		   activity->above[from];
}

static bool
measure_activity(const Envelope *envelope, double threshold_db, Activity *activity,
				 Error *err)
{
	size_t count = envelope->count;
	size_t active_until = 0;

	activity->count = count;
	activity->above = calloc(count + 1, sizeof *activity->above);
	activity->active = calloc(count + 1, sizeof *activity->active);
	if (activity->above == NULL || activity->active == NULL)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory for the activity of %zu hops", count);
	for (size_t i = 0; i < count; i++)
	{
		uint8_t level = envelope->hops[i].rms;
		bool above = level != ENVELOPE_MISSING && envelope_decibel(level) > threshold_db;

		activity->above[i + 1] = activity->above[i] + (above ? 1 : 0);
	}
	for (size_t i = 0; i < count; i++)
	{
		if (above_between(activity, i, i + ACTIVE_WINDOW) >= ACTIVE_NEED)
			active_until = i + ACTIVE_WINDOW;
		activity->active[i] = i < active_until;
	}
	return true;
}

/* The first active hop with sustained activity after it, moved to the sound itself. */
static bool
find_first(const Activity *activity, size_t *first)
{
	for (size_t i = 0; i < activity->count; i++)
		if (activity->active[i] && is_above(activity, i) &&
			above_between(activity, i, i + SUSTAINED_REACH) >= SUSTAINED_NEED)
		{
			*first = i;
			return true;
		}
	return false;
}

/* The end (exclusive) of the last active hop with sustained activity before it. */
static bool
find_last(const Activity *activity, size_t *last)
{
	for (size_t i = activity->count; i > 0; i--)
	{
		size_t from = i > SUSTAINED_REACH ? i - SUSTAINED_REACH : 0;

		if (activity->active[i - 1] && is_above(activity, i - 1) &&
			above_between(activity, from, i) >= SUSTAINED_NEED)
		{
			*last = i;
			return true;
		}
	}
	return false;
}

static double
seconds_of(size_t hops)
{
	return (double) hops * ENVELOPE_HOP_MS / 1000;
}

static bool
add_pause(Boundaries *found, size_t *capacity, double start, double end)
{
	if (found->pause_count == *capacity)
	{
		size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
		Span *pauses = realloc(found->pauses, wanted * sizeof *pauses);

		if (pauses == NULL)
			return false;
		found->pauses = pauses;
		*capacity = wanted;
	}
	found->pauses[found->pause_count++] = (Span){start, end};
	return true;
}

/* Pauses run from the last sound of one active stretch to the first of the next. */
static bool
find_pauses(const Activity *activity, size_t first, size_t last, double min_silence,
			Boundaries *found, Error *err)
{
	size_t capacity = 0;
	size_t active = 0;
	size_t sound_end = first;

	for (size_t i = first; i < last; i++)
	{
		if (!activity->active[i])
			continue;
		active++;
		if (!is_above(activity, i))
			continue;
		if (i > sound_end && seconds_of(i - sound_end) >= min_silence &&
			!add_pause(found, &capacity, seconds_of(sound_end), seconds_of(i)))
			return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
							 "no memory for the pauses of the recording");
		sound_end = i + 1;
	}
	found->seconds = seconds_of(active);
	return true;
}

static void
choose_keep(const BoundaryOptions *options, double duration, Boundaries *found)
{
	double start = found->first - options->padding_before;
	double end = found->last + options->padding_after;

	if (start < 0.0 || found->first < options->min_silence)
		start = 0.0;
	if (end > duration || duration - found->last < options->min_silence)
		end = duration;
	if (start >= end)
		return;
	found->keep = (Span){start, end};
	found->removed_share = spans_cut_off_share(start, end, duration);
	if (found->removed_share > options->max_trim_share)
		found->flag = "large_trim";
}

bool
boundaries_find(const Envelope *envelope, double duration, const BoundaryOptions *options,
				Boundaries *found, Error *err)
{
	CLEANUP(activity) Activity activity = {0};
	size_t first;
	size_t last;

	memset(found, 0, sizeof *found);
	found->keep = (Span){0.0, duration};
	if (!has_sound(envelope))
	{
		found->verdict = SPEECH_NO_AUDIO;
		return true;
	}
	found->verdict = SPEECH_NONE;
	found->flag = "no_speech";
	if (!measure_levels(envelope, options, found))
		return true;
	if (!measure_activity(envelope, found->threshold_db, &activity, err))
		return false;
	if (!find_first(&activity, &first) || !find_last(&activity, &last) || last <= first)
		return true;
	found->verdict = SPEECH_FOUND;
	found->flag = NULL;
	found->first = seconds_of(first);
	found->last = seconds_of(last);
	if (!find_pauses(&activity, first, last,
					 fmin(options->min_silence, options->shorten_above), found, err))
		return false;
	choose_keep(options, duration, found);
	return true;
}

void
boundaries_free(Boundaries *found)
{
	free(found->pauses);
	memset(found, 0, sizeof *found);
}

const char *
speech_verdict_name(SpeechVerdict verdict)
{
	static const char *const names[] = {
		[SPEECH_FOUND] = "speech",
		[SPEECH_NONE] = "none",
		[SPEECH_NO_AUDIO] = "no_audio",
	};

	return names[verdict];
}
