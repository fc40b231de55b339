/*
 * speech/gate_sound.c
 *	  Signs in when things were said: how sure, how many, how fast, in silence, by the clock.
 */
#include <math.h>
#include <stdio.h>

#include "speech/gate_check.h"

#define POOR_SHARE      0.8 /* of min_confidence: below it nothing can be made of it */
#define UNSURE_WORDS    150 /* a part of so many words is judged for itself */
#define SLOW_SECONDS    300.0
#define SLOW_SPEECH     2.0 /* times min_words_per_minute, where somebody speaks */
#define HASTY_PACE      330.0
#define HASTY_WORDS     120
#define SILENCE_MARGIN  0.5 /* seconds at the ends of a pause that may be speech */
#define SILENT_WORDS    25
#define SILENT_PART     0.8
#define MANY_SEGMENTS   10
#define PERIOD_SECONDS  30.0
#define PERIOD_ERROR    0.12
#define PERIODIC_IN_ROW 4

/* Seconds of the transcript in which somebody speaks. */
static double
speech_seconds(const GateInput *input)
{
	double seconds = input->transcript->duration;

	for (size_t i = 0; i < input->pause_count; i++)
		seconds -= input->pauses[i].end - input->pauses[i].start;
	return seconds > 0 ? seconds : 0;
}

/* The first place where so many words in a row are less sure than the limit. */
static double
find_unsure(const Transcript *transcript, double limit, double *mean)
{
	double sum = 0;

	if (transcript->word_count < 2 * UNSURE_WORDS)
		return -1;
	for (size_t i = 0; i < transcript->word_count; i++)
	{
		if (transcript->words[i].confidence < 0)
			return -1;
		sum += transcript->words[i].confidence;
		if (i >= UNSURE_WORDS)
			sum -= transcript->words[i - UNSURE_WORDS].confidence;
		if (i + 1 >= UNSURE_WORDS && sum / UNSURE_WORDS < limit)
		{
			*mean = sum / UNSURE_WORDS;
			return transcript->words[i + 1 - UNSURE_WORDS].start;
		}
	}
	return -1;
}

Finding
gate_check_confidence(const GateInput *input, cJSON *measured)
{
	double limit = input->limits.min_confidence;
	double poor = POOR_SHARE * limit;
	Finding finding = FINDING_NONE;

	(void) measured; /* mean_confidence is told beside the checks */
	finding.value = transcript_confidence(input->transcript);
	finding.limit = limit;
	if (finding.value >= 0 && finding.value < limit)
	{
		finding.severity = finding.value < poor ? SEVERITY_REJECT : SEVERITY_SUSPECT;
		snprintf(
			finding.message, sizeof finding.message,
			"the mean confidence is %.2f, below %.2f: another language, or too poor a "
			"sound",
			finding.value, limit);
		return finding;
	}
	finding.at = find_unsure(input->transcript, poor, &finding.value);
	if (finding.at >= 0)
	{
		finding.severity = SEVERITY_SUSPECT;
		finding.limit = poor;
		snprintf(
			finding.message, sizeof finding.message,
			"the mean confidence of %d words is %.2f, below %.2f: another language, or "
			"too poor a sound there",
			UNSURE_WORDS, finding.value, poor);
	}
	return finding;
}

Finding
gate_check_pace(const GateInput *input, cJSON *measured)
{
	const Transcript *transcript = input->transcript;
	double minutes = speech_seconds(input) / 60;
	double spoken = minutes > 0 ? (double) transcript->word_count / minutes : 0;
	Finding finding = FINDING_NONE;

	finding.value = transcript_pace(transcript);
	finding.limit = input->limits.min_words_per_minute;
	gate_measure(measured, "words_per_minute", finding.value);
	gate_measure(measured, "words_per_minute_of_speech", spoken);
	/* long breaks are no fault: where somebody speaks it must be too few as well */
	if (transcript->duration <= SLOW_SECONDS || finding.value >= finding.limit ||
		minutes == 0 || spoken >= SLOW_SPEECH * finding.limit)
		return finding;
	finding.severity = SEVERITY_REJECT;
	snprintf(finding.message, sizeof finding.message,
			 "%.1f words a minute in %.0f minutes, below %.4g, and %.1f where somebody "
			 "speaks: hardly anything was understood",
			 finding.value, transcript->duration / 60.0, finding.limit, spoken);
	return finding;
}

/* More words than anybody can say. */
Finding
gate_check_haste(const GateInput *input, cJSON *measured)
{
	const Transcript *transcript = input->transcript;
	Finding finding = FINDING_NONE;

	finding.limit = HASTY_PACE;
	for (size_t i = HASTY_WORDS; i < transcript->word_count; i++)
	{
		double start = transcript->words[i - HASTY_WORDS].start;
		double seconds = fmax(transcript->words[i].start - start, 0.001);
		double pace = HASTY_WORDS / (seconds / 60);

		if (pace > finding.value)
		{
			finding.value = fmin(pace, 100000);
			finding.at = start;
		}
	}
	gate_measure(measured, "most_words_per_minute", finding.value);
	if (finding.value <= HASTY_PACE)
		return finding;
	finding.severity = SEVERITY_SUSPECT;
	snprintf(finding.message, sizeof finding.message,
			 "%d words at %.0f a minute, more than %.0f: faster than people speak",
			 HASTY_WORDS, finding.value, HASTY_PACE);
	return finding;
}

/* Is the moment well within a pause? */
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
	return low < input->pause_count && at > input->pauses[low].start + SILENCE_MARGIN &&
		   at < input->pauses[low].end - SILENCE_MARGIN;
}

Finding
gate_check_silence(const GateInput *input, cJSON *measured)
{
	const Transcript *transcript = input->transcript;
	const Word *words = transcript->words;
	size_t count = transcript->word_count;
	size_t silent = 0;
	size_t recent = 0;
	double at = -1;
	Finding finding = FINDING_NONE;

	for (size_t i = 0; i < count; i++)
	{
		bool now = is_silent(input, (words[i].start + words[i].end) / 2);

		silent += now;
		recent += now;
		if (i >= SILENT_WORDS)
			recent -= is_silent(
				input, (words[i - SILENT_WORDS].start + words[i - SILENT_WORDS].end) / 2);
		if (at < 0 && (double) recent >= SILENT_PART * SILENT_WORDS)
			at = words[i >= SILENT_WORDS ? i - SILENT_WORDS + 1 : 0].start;
	}
	finding.limit = input->limits.max_silent_share;
	finding.value = count > 0 ? (double) silent / (double) count : 0;
	gate_measure(measured, "silent_share", finding.value);
	if (finding.value > finding.limit)
		finding.severity = SEVERITY_REJECT;
	else if (finding.value > finding.limit / 2 || at >= 0)
		finding.severity = SEVERITY_SUSPECT;
	if (finding.severity == SEVERITY_SUSPECT)
		finding.at = at;
	snprintf(finding.message, sizeof finding.message,
			 "%zu of %zu words lie where the recording is silent%s", silent, count,
			 finding.at >= 0 ? ", many of them in one place" : "");
	return finding;
}

/* Segments, of those that follow each other at the distance of the clock. */
Finding
gate_check_period(const GateInput *input, cJSON *measured)
{
	const Segment *segments = input->transcript->segments;
	size_t count = input->transcript->segment_count;
	size_t periodic = 0;
	size_t row = 0;
	size_t longest = 0;
	double at = -1;
	Finding finding = FINDING_NONE;

	for (size_t i = 1; i < count; i++)
	{
		double step = segments[i].end - segments[i - 1].end;
		bool clocked = fabs(step - PERIOD_SECONDS) < PERIOD_ERROR;

		row = clocked ? row + 1 : 0;
		periodic += clocked;
		if (row > longest)
		{
			longest = row;
			at = segments[i - row].start;
		}
	}
	finding.limit = input->limits.max_periodic_share;
	finding.value = count > 1 ? (double) periodic / (double) (count - 1) : 0;
	gate_measure(measured, "periodic_share", finding.value);
	if (count > MANY_SEGMENTS && finding.value > finding.limit)
		finding.severity = SEVERITY_REJECT;
	else if (longest >= PERIODIC_IN_ROW)
		finding.severity = SEVERITY_SUSPECT;
	if (finding.severity == SEVERITY_SUSPECT)
		finding.at = at;
	snprintf(
		finding.message, sizeof finding.message,
		"%zu of %zu segments end %.0f s after the one before, %zu of them in a row: cut "
		"by the clock, not by speech",
		periodic, count, PERIOD_SECONDS, longest);
	return finding;
}
