/*
 * speech/gate.h
 *	  Is this transcript good enough to be published without a person looking at it? Pure.
 */
#ifndef LEAP_SPEECH_GATE_H
#define LEAP_SPEECH_GATE_H

#include <cjson/cJSON.h>

#include "base/spans.h"
#include "speech/transcript.h"

#define GATE_MIN_CONFIDENCE 0.5

/* Limits: what lies on the wrong side of one is rejected. Signs that are too weak for that,
 * or in a part of the transcript only, make it suspect. */
typedef struct GateLimits
{
	double min_confidence;       /* mean of the words: below it suspect, below 0.8 of it
									 rejected */
	double min_words_per_minute; /* over the whole, and where somebody speaks */
	double max_repeated_share;   /* of words said over and over */
	double max_known_phrases_share; /* of segments, or words, that recognisers invent */
	double max_silent_share;        /* of words where nobody speaks */
	double max_periodic_share;      /* of segments that end by the clock */
} GateLimits;

typedef struct GateInput
{
	const Transcript *transcript;
	const Span *pauses; /* where nobody speaks, in the time of the transcript, ascending
						   and disjoint */
	size_t pause_count;
	GateLimits limits;
} GateInput;

/* The limits of a configuration: transcription.gate (may be NULL) and min_confidence, with
 * the usual ones for what is not in it. */
GateLimits gate_limits(const cJSON *gate, double min_confidence);

/*
 * {"verdict":"pass|suspect|reject","mean_confidence":0.77,"reasons":[{"code","message",
 * "severity":"suspect|reject","value","limit","at"?}],"checks":{…what was measured…}}. `at`
 * is where in the transcript it begins, in seconds, where it is a part of it.
 * mean_confidence is null when the engine states none. The caller deletes it.
 */
cJSON *gate_judge(const GateInput *input);

#endif
