/*
 * speech/gate_check.h
 *	  The checks of the quality gate: each measures one sign and says what it thinks of it.
 */
#ifndef LEAP_SPEECH_GATE_CHECK_H
#define LEAP_SPEECH_GATE_CHECK_H

#include <cjson/cJSON.h>

#include "speech/gate.h"

typedef enum Severity
{
	SEVERITY_NONE = 0,
	SEVERITY_SUSPECT,
	SEVERITY_REJECT
} Severity;

typedef struct Finding
{
	Severity severity;
	double value; /* what was measured */
	double limit; /* what it was held against */
	double at;    /* seconds into the transcript; negative: all of it */
	char message[200];
} Finding;

/* Nothing to complain about. */
#define FINDING_NONE \
	{                \
		.at = -1     \
	}

/* Each adds what it measured to `measured`, whatever it is. */
Finding gate_check_confidence(const GateInput *input, cJSON *measured);
Finding gate_check_pace(const GateInput *input, cJSON *measured);
Finding gate_check_unheard(const GateInput *input, cJSON *measured);
Finding gate_check_haste(const GateInput *input, cJSON *measured);
Finding gate_check_silence(const GateInput *input, cJSON *measured);
Finding gate_check_period(const GateInput *input, cJSON *measured);
Finding gate_check_repeats(const GateInput *input, cJSON *measured);
Finding gate_check_loops(const GateInput *input, cJSON *measured);
Finding gate_check_segments(const GateInput *input, cJSON *measured);
Finding gate_check_phrases(const GateInput *input, cJSON *measured);

/* Seconds between two moments in which somebody speaks. */
double gate_speech_between(const GateInput *input, double from, double to);

/* Adds a measured number with three decimals. */
void gate_measure(cJSON *measured, const char *name, double value);

/*
 * The letters and digits of a text in lower case, words with one blank between; *size bytes
 * at most, the end included. ё is е. Returns the number of words.
 */
size_t gate_plain(const char *text, char *plain, size_t size);

#endif
