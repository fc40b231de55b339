/*
 * speech/gate_sound.c
 *	  Signs in when things were said: how sure, how many, how fast, in silence, by the clock.
 */
#include <math.h>
#include <stdio.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "speech/gate_check.h"

#define POOR_SHARE      0.8 /* of min_confidence: below it nothing can be made of it */
#define UNSURE_WORDS    150 /* a part of so many words is judged for itself */
#define SLOW_SECONDS    300.0
#define SLOW_SPEECH     2.0   /* times min_words_per_minute, where somebody speaks */
#define SPEECH_SECONDS  60.0  /* so much speech can be judged for itself */
#define UNHEARD_SECONDS 180.0 /* of speech with hardly a word */
#define UNHEARD_PACE    0.5   /* of min_words_per_minute: hardly a word */
#define UNHEARD_PAUSE   0.5   /* a second of a pause makes up for so much speech */
#define HASTY_PACE      330.0
#define HASTY_WORDS     120
#define SILENCE_MARGIN  0.5 /* seconds at the ends of a pause that may be speech */
#define SILENT_WORDS    25
#define SILENT_PART     0.8
#define SILENT_SUSPECT  (1.0 / 3) /* of max_silent_share */
#define MANY_SEGMENTS   10
#define SHORTEST_PERIOD 5.0
#define LONGEST_PERIOD  60.0
#define PERIOD_ERROR    0.1
#define PERIODIC_IN_ROW 3    /* steps that are equal ... */
#define PERIODIC_TIME   85.0 /* ... and so long together: shorter ones are by chance */

double
gate_speech_between(const GateInput *input, double from, double to)
{
	double seconds = to - from;

	for (size_t i = 0; i < input->pause_count; i++)
		seconds -=
			fmax(fmin(to, input->pauses[i].end) - fmax(from, input->pauses[i].start), 0);
	return seconds > 0 ? seconds : 0;
}

/* The first place where so many words in a row, of those with a confidence, are less sure
 * than the limit. */
static double
find_unsure(const Transcript *transcript, double limit, double *mean)
{
	CLEANUP(free) const Word **sure = array_new(transcript->word_count, sizeof(Word *));
	size_t count = 0;
	double sum = 0;

	for (size_t i = 0; i < transcript->word_count; i++)
		if (transcript->words[i].confidence >= 0)
			sure[count++] = &transcript->words[i];
	if (count < 2 * UNSURE_WORDS)
		return -1;
	for (size_t i = 0; i < count; i++)
	{
		sum += sure[i]->confidence;
		if (i >= UNSURE_WORDS)
			sum -= sure[i - UNSURE_WORDS]->confidence;
		if (i + 1 >= UNSURE_WORDS && sum / UNSURE_WORDS < limit)
		{
			*mean = sum / UNSURE_WORDS;
			return sure[i + 1 - UNSURE_WORDS]->start;
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
	double minutes = gate_speech_between(input, 0, transcript->duration) / 60;
	double spoken = minutes > 0 ? (double) transcript->word_count / minutes : 0;
	bool slow;
	Finding finding = FINDING_NONE;

	finding.value = transcript_pace(transcript);
	finding.limit = input->limits.min_words_per_minute;
	gate_measure(measured, "words_per_minute", finding.value);
	gate_measure(measured, "words_per_minute_of_speech", spoken);
	/* long breaks are no fault: where somebody speaks it must be too few as well */
	slow = transcript->duration > SLOW_SECONDS && finding.value < finding.limit &&
		   minutes > 0 && spoken < SLOW_SPEECH * finding.limit;
	if (!slow && (minutes * 60 <= SPEECH_SECONDS || spoken >= finding.limit ||
				  transcript->word_count == 0))
		return finding;
	finding.severity = SEVERITY_REJECT;
	snprintf(finding.message, sizeof finding.message,
			 "%.1f words a minute in %.1f minutes, below %.4g, and %.1f where somebody "
			 "speaks: hardly anything was understood",
			 finding.value, transcript->duration / 60.0, finding.limit, spoken);
	return finding;
}

/* Seconds of speech that nobody understood, so far and the most there were. */
typedef struct Unheard
{
	double at; /* judged up to here */
	double seconds;
	double begin;
	double most;
	double most_begin;
	size_t pause; /* the first that does not end before `at` */
} Unheard;

static void
pass_time(Unheard *unheard, double to, double gain)
{
	if (to <= unheard->at)
		return;
	if (unheard->seconds <= 0)
	{
		unheard->seconds = 0;
		unheard->begin = unheard->at;
	}
	unheard->seconds += gain * (to - unheard->at);
	unheard->at = to;
	if (unheard->seconds > unheard->most)
	{
		unheard->most = unheard->seconds;
		unheard->most_begin = unheard->begin;
	}
}

static void
pass_speech(const GateInput *input, Unheard *unheard, double to)
{
	for (; unheard->pause < input->pause_count; unheard->pause++)
	{
		const Span *pause = &input->pauses[unheard->pause];

		pass_time(unheard, fmin(pause->start, to), 1);
		pass_time(unheard, fmin(pause->end, to), -UNHEARD_PAUSE);
		if (pause->end > to)
			return;
	}
	pass_time(unheard, to, 1);
}

/* A stretch in which somebody speaks and hardly a word was understood: a word makes up for as
 * much speech as it may at the slowest pace, and so does a pause. */
Finding
gate_check_unheard(const GateInput *input, cJSON *measured)
{
	const Transcript *transcript = input->transcript;
	double pace = UNHEARD_PACE * input->limits.min_words_per_minute;
	Unheard unheard = {.at = 0};
	Finding finding = FINDING_NONE;

	for (size_t i = 0; i < transcript->word_count && pace > 0; i++)
	{
		pass_speech(input, &unheard, transcript->words[i].start);
		unheard.seconds = fmax(unheard.seconds - 60 / pace, 0);
	}
	if (transcript->word_count > 0 && pace > 0)
		pass_speech(input, &unheard, transcript->duration);
	finding.limit = UNHEARD_SECONDS;
	finding.value = unheard.most;
	gate_measure(measured, "unheard_seconds", finding.value);
	if (finding.value <= finding.limit)
		return finding;
	finding.severity = SEVERITY_SUSPECT;
	finding.at = unheard.most_begin;
	snprintf(finding.message, sizeof finding.message,
			 "%.1f minutes of speech in one place with hardly a word: they were not "
			 "understood, or not listened to",
			 finding.value / 60);
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
	else if (finding.value > SILENT_SUSPECT * finding.limit || at >= 0)
		finding.severity = SEVERITY_SUSPECT;
	if (finding.severity == SEVERITY_SUSPECT)
		finding.at = at;
	snprintf(finding.message, sizeof finding.message,
			 "%zu of %zu words lie where the recording is silent%s", silent, count,
			 finding.at >= 0 ? ", many of them in one place" : "");
	return finding;
}

/* How many steps from segments[first] on are as long as each other: the ends lie on one grid,
 * so that what varies by chance does not add up to a row. *period receives their length. */
static size_t
steps_in_row(const Segment *segments, size_t count, size_t first, double *period)
{
	double origin = segments[first].end;
	double least = SHORTEST_PERIOD;
	double most = LONGEST_PERIOD;
	size_t steps = 0;

	while (first + steps + 1 < count)
	{
		double far = segments[first + steps + 1].end - origin;
		double times = (double) (steps + 1);

		least = fmax(least, (far - PERIOD_ERROR) / times);
		most = fmin(most, (far + PERIOD_ERROR) / times);
		if (least > most)
			break;
		*period = (least + most) / 2;
		steps++;
	}
	return steps;
}

/* Segments, of those that follow each other at the distance of some clock. */
Finding
gate_check_period(const GateInput *input, cJSON *measured)
{
	const Segment *segments = input->transcript->segments;
	size_t count = input->transcript->segment_count;
	size_t periodic = 0;
	size_t longest = 0;
	double longest_period = 0;
	Finding finding = FINDING_NONE;

	for (size_t i = 0; i + 1 < count;)
	{
		double period = 0;
		size_t row = steps_in_row(segments, count, i, &period);

		if (row < PERIODIC_IN_ROW || (double) row * period < PERIODIC_TIME)
		{
			i++;
			continue;
		}
		periodic += row;
		if (row > longest)
		{
			longest = row;
			longest_period = period;
			finding.at = segments[i].start;
		}
		i += row;
	}
	finding.limit = input->limits.max_periodic_share;
	finding.value = count > 1 ? (double) periodic / (double) (count - 1) : 0;
	gate_measure(measured, "periodic_share", finding.value);
	if (count > MANY_SEGMENTS && finding.value > finding.limit)
		finding.severity = SEVERITY_REJECT;
	else if (longest > 0)
		finding.severity = SEVERITY_SUSPECT;
	if (finding.severity != SEVERITY_SUSPECT)
		finding.at = -1;
	snprintf(finding.message, sizeof finding.message,
			 "%zu of %zu segments end at equal distances, %zu of them %.1f s apart in a "
			 "row: cut by the clock, not by speech",
			 periodic, count, longest, longest_period);
	return finding;
}
