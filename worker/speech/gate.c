/*
 * speech/gate.c
 *	  The quality gate: signs of a recogniser that heard little or invented much.
 *
 * Invention is typical of neural recognisers on music and silence: the same sentence over
 * and over, credits of film subtitles, words where nobody speaks, sentences cut by the
 * clock. The checks are in gate_sound.c (when was it said), gate_text.c and
 * gate_phrases.c (what).
 */
#include "speech/gate.h"

#include <math.h>

#include "base/json.h"
#include "speech/gate_check.h"

static const struct
{
	const char *code;
	Finding (*check)(const GateInput *input, cJSON *measured);
} checks[] = {
	{"low_confidence",    gate_check_confidence},
    {"too_few_words",     gate_check_pace      },
	{"unheard_speech",    gate_check_unheard   },
    {"too_many_words",    gate_check_haste     },
	{"repeated_text",     gate_check_repeats   },
    {"loops",             gate_check_loops     },
	{"repeated_segments", gate_check_segments  },
    {"known_phrases",     gate_check_phrases   },
	{"words_in_silence",  gate_check_silence   },
    {"periodic_segments", gate_check_period    },
};

static const char *const severities[] = {[SEVERITY_NONE] = "pass",
										 [SEVERITY_SUSPECT] = "suspect",
										 [SEVERITY_REJECT] = "reject"};

GateLimits
gate_limits(const cJSON *gate, double min_confidence)
{
	return (GateLimits){
		.min_confidence = min_confidence,
		.min_words_per_minute = json_number(gate, "min_words_per_minute", 10),
		.max_repeated_share = json_number(gate, "max_repeated_share", 0.3),
		.max_known_phrases_share = json_number(gate, "max_known_phrases_share", 0.3),
		.max_silent_share = json_number(gate, "max_silent_share", 0.3),
		.max_periodic_share = json_number(gate, "max_periodic_share", 0.6),
	};
}

void
gate_measure(cJSON *measured, const char *name, double value)
{
	cJSON_AddNumberToObject(measured, name, round(value * 1000) / 1000);
}

static cJSON *
reason_of(const char *code, const Finding *finding)
{
	cJSON *reason = cJSON_CreateObject();

	cJSON_AddStringToObject(reason, "code", code);
	cJSON_AddStringToObject(reason, "message", finding->message);
	cJSON_AddStringToObject(reason, "severity", severities[finding->severity]);
	gate_measure(reason, "value", finding->value);
	gate_measure(reason, "limit", finding->limit);
	if (finding->at >= 0)
		gate_measure(reason, "at", finding->at);
	return reason;
}

cJSON *
gate_judge(const GateInput *input)
{
	double confidence = transcript_confidence(input->transcript);
	Severity worst = SEVERITY_NONE;
	cJSON *verdict = cJSON_CreateObject();
	cJSON *measured = cJSON_CreateObject();
	cJSON *reasons = cJSON_CreateArray();

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
	{
		Finding finding = checks[i].check(input, measured);

		if (finding.severity == SEVERITY_NONE)
			continue;
		cJSON_AddItemToArray(reasons, reason_of(checks[i].code, &finding));
		if (finding.severity > worst)
			worst = finding.severity;
	}
	cJSON_AddStringToObject(verdict, "verdict", severities[worst]);
	if (confidence >= 0)
		gate_measure(verdict, "mean_confidence", confidence);
	else
		cJSON_AddNullToObject(verdict, "mean_confidence");
	cJSON_AddItemToObject(verdict, "reasons", reasons);
	cJSON_AddItemToObject(verdict, "checks", measured);
	return verdict;
}
