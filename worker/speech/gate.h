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

typedef struct GateInput
{
	const Transcript *transcript;
	double min_confidence; /* 0..1; the mean below it is refused */
	const Span *pauses;    /* in the time of the transcript, ascending and disjoint */
	size_t pause_count;
} GateInput;

/*
 * {"verdict":"pass|suspect","mean_confidence":0.77,"reasons":[{"code","message"}]}; one reason
 * makes it low. mean_confidence is null when the engine states none. The caller deletes it.
 */
cJSON *gate_judge(const GateInput *input);

#endif
