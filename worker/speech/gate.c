/*
 * speech/gate.c
 *	  The quality gate: signs of a recogniser that heard little or invented much.
 *
 * Invention is typical of neural recognisers on music and silence: the same sentence over
 * and over, credits of film subtitles, words where nobody speaks, sentences cut by the
 * clock every 30 s.
 */
#include "speech/gate.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/utf8.h"

#define SLOW_PACE         10.0 /* words a minute */
#define SLOW_SECONDS      300.0
#define MANY_SEGMENTS     10
#define FEW_TEXTS         3
#define PHRASE_SHARE      0.5
#define SILENT_SHARE      0.3
#define PERIOD_SECONDS    30.0
#define PERIOD_TOLERANCE  0.1
#define PERIOD_SHARE      0.6
#define LONGEST_LOWERCASE 512

/* Lower case. What recognisers trained on film subtitles say about silence. */
static const char *const known_phrases[] = {
	"продолжение следует",     "редактор субтитров",         "корректор",
	"субтитры сделал",         "субтитры создавал",          "спасибо за просмотр",
	"подписывайтесь на канал", "thanks for watching",        "thank you for watching",
	"please subscribe",        "subtitles by the amara.org",
};

typedef struct Finding
{
	bool found;
	char message[160];
} Finding;

static Finding
check_confidence(const GateInput *input)
{
	double mean = transcript_confidence(input->transcript);
	Finding finding = {.found = mean >= 0 && mean < input->min_confidence};

	snprintf(
		finding.message, sizeof finding.message,
		"the mean confidence is %.2f, below %.2f: another language, or too poor a sound",
		mean, input->min_confidence);
	return finding;
}

static Finding
check_pace(const GateInput *input)
{
	double pace = transcript_pace(input->transcript);
	Finding finding = {.found = input->transcript->duration > SLOW_SECONDS &&
								pace < SLOW_PACE};

	snprintf(finding.message, sizeof finding.message,
			 "%.1f words a minute in %.0f minutes: hardly anything was understood", pace,
			 input->transcript->duration / 60.0);
	return finding;
}

static int
by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *) left, *(const char *const *) right);
}

static Finding
check_repetition(const GateInput *input)
{
	size_t count = input->transcript->segment_count;
	const char **texts = array_new(count, sizeof *texts);
	size_t distinct = 0;
	Finding finding = {0};

	for (size_t i = 0; i < count; i++)
		texts[i] = input->transcript->segments[i].text;
	qsort(texts, count, sizeof *texts, by_text);
	for (size_t i = 0; i < count; i++)
		distinct += i == 0 || strcmp(texts[i - 1], texts[i]) != 0;
	free(texts);
	finding.found = count > MANY_SEGMENTS && distinct <= FEW_TEXTS;
	snprintf(finding.message, sizeof finding.message,
			 "%zu segments hold only %zu different texts", count, distinct);
	return finding;
}

static bool
is_known_phrase(const char *text)
{
	char lower[LONGEST_LOWERCASE];
	size_t length = 0;

	while (*text != '\0' && length + 5 < sizeof lower)
		length += utf8_put(utf8_lower(utf8_next(&text)), lower + length);
	lower[length] = '\0';
	for (size_t i = 0; i < sizeof known_phrases / sizeof known_phrases[0]; i++)
		if (strstr(lower, known_phrases[i]) != NULL)
			return true;
	return false;
}

static Finding
check_phrases(const GateInput *input)
{
	size_t count = input->transcript->segment_count;
	size_t known = 0;
	Finding finding = {0};

	for (size_t i = 0; i < count; i++)
		known += is_known_phrase(input->transcript->segments[i].text);
	finding.found = count > 0 && (double) known > PHRASE_SHARE * (double) count;
	snprintf(finding.message, sizeof finding.message,
			 "%zu of %zu segments are phrases that recognisers invent in silence", known,
			 count);
	return finding;
}

/* Is the moment within a pause? */
static bool
is_silent(const GateInput *input, double at)
{
	size_t low = 0;
	size_t high = input->pause_count;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (input->pauses[middle].end <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < input->pause_count && at > input->pauses[low].start;
}

static Finding
check_silence(const GateInput *input)
{
	const Transcript *transcript = input->transcript;
	size_t silent = 0;
	Finding finding = {0};

	for (size_t i = 0; i < transcript->word_count; i++)
	{
		const Word *word = &transcript->words[i];

		silent += is_silent(input, (word->start + word->end) / 2);
	}
	finding.found = transcript->word_count > 0 &&
					(double) silent > SILENT_SHARE * (double) transcript->word_count;
	snprintf(finding.message, sizeof finding.message,
			 "%zu of %zu words lie where the recording is silent", silent,
			 transcript->word_count);
	return finding;
}

static Finding
check_period(const GateInput *input)
{
	size_t count = input->transcript->segment_count;
	size_t periodic = 0;
	Finding finding = {0};

	for (size_t i = 0; i < count; i++)
		periodic += fabs(remainder(input->transcript->segments[i].end, PERIOD_SECONDS)) <
					PERIOD_TOLERANCE;
	finding.found =
		count > MANY_SEGMENTS && (double) periodic > PERIOD_SHARE * (double) count;
	snprintf(finding.message, sizeof finding.message,
			 "%zu of %zu segments end on a multiple of %.0f s: cut by the clock, not by "
			 "speech",
			 periodic, count, PERIOD_SECONDS);
	return finding;
}

static const struct
{
	const char *code;
	Finding (*check)(const GateInput *input);
} checks[] = {
	{"low_confidence",    check_confidence},
    {"too_few_words",     check_pace      },
	{"repeated_segments", check_repetition},
    {"known_phrases",     check_phrases   },
	{"words_in_silence",  check_silence   },
    {"periodic_segments", check_period    },
};

cJSON *
gate_judge(const GateInput *input)
{
	double confidence = transcript_confidence(input->transcript);
	cJSON *verdict = cJSON_CreateObject();
	cJSON *reasons = cJSON_CreateArray();

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
	{
		Finding finding = checks[i].check(input);
		cJSON *reason;

		if (!finding.found)
			continue;
		reason = cJSON_CreateObject();
		cJSON_AddStringToObject(reason, "code", checks[i].code);
		cJSON_AddStringToObject(reason, "message", finding.message);
		cJSON_AddItemToArray(reasons, reason);
	}
	cJSON_AddStringToObject(verdict, "verdict",
							cJSON_GetArraySize(reasons) == 0 ? "pass" : "suspect");
	if (confidence >= 0)
		cJSON_AddNumberToObject(verdict, "mean_confidence",
								round(confidence * 1000.0) / 1000.0);
	else
		cJSON_AddNullToObject(verdict, "mean_confidence");
	cJSON_AddItemToObject(verdict, "reasons", reasons);
	return verdict;
}
