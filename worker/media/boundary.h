/*
 * media/boundary.h
 *	  Where a lecture begins and ends, from its loudness envelope alone.
 *
 * The threshold follows the room: it lies between the noise floor (10th percentile of the
 * level) and the voice (95th percentile), so a quiet microphone and a loud fan both work. A
 * moment is active when at least 120 ms of some 300 ms around it are above the threshold,
 * and speech begins (ends) only where 0.6 s of activity lie within 5 s: a click, a door or
 * a cough do not start a lecture. A recording whose voice does not stand out is kept whole
 * and flagged, never cut to nothing.
 */
#ifndef LEAP_MEDIA_BOUNDARY_H
#define LEAP_MEDIA_BOUNDARY_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/spans.h"
#include "media/envelope.h"

typedef struct BoundaryOptions
{
	double padding_before; /* seconds kept before the first speech */
	double padding_after;  /* seconds kept after the last speech */
	double min_silence;    /* seconds: a shorter silence is neither cut nor a pause */
	double max_trim_share; /* 0..1 of the duration: cutting more raises a flag */
	double threshold_db;   /* used when has_threshold, else the adaptive one */
	bool has_threshold;
	double shorten_above; /* seconds: a longer pause keeps shorten_to; INFINITY: none */
	double shorten_to;
} BoundaryOptions;

#define BOUNDARY_DEFAULTS                         \
	((BoundaryOptions){.padding_before = 5.0,     \
					   .padding_after = 5.0,      \
					   .min_silence = 2.0,        \
					   .max_trim_share = 0.4,     \
					   .shorten_above = INFINITY, \
					   .shorten_to = 1.0})

typedef enum SpeechVerdict
{
	SPEECH_FOUND,
	SPEECH_NONE,
	SPEECH_NO_AUDIO
} SpeechVerdict;

/* All times are seconds of source time; all levels dBFS. */
typedef struct Boundaries
{
	double noise_db; /* meaningful unless verdict is SPEECH_NO_AUDIO */
	double speech_db;
	double threshold_db;
	SpeechVerdict verdict;
	double first; /* first and last speech; 0 and 0 without any */
	double last;
	double seconds; /* sum of active time */
	Span *pauses;   /* silences of at least min_silence between first and last */
	size_t pause_count;
	Span keep;
	double removed_share;
	const char *flag; /* NULL, "large_trim" or "no_speech" */
} Boundaries;

/*
 * boundaries_find judges an envelope. duration is the length of the recording in seconds
 * and may exceed the envelope's (no sound at the end). An empty envelope means: no audio.
 * boundaries_free releases the pauses.
 */
bool boundaries_find(const Envelope *envelope, double duration,
					 const BoundaryOptions *options, Boundaries *found, Error *err);
void boundaries_free(Boundaries *found);

/* "speech", "none", "no_audio" */
const char *speech_verdict_name(SpeechVerdict verdict);

static inline void
cleanup_boundaries(Boundaries *found)
{
	boundaries_free(found);
}

#endif
