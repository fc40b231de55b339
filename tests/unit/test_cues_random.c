/* sources: speech/cues.c speech/cue_made.c speech/cue_time.c speech/cue_token.c speech/cue_phrase.c speech/sentence.c speech/srt.c speech/vtt.c speech/cue_text.c base/utf8.c base/timecode.c base/buffer.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_cues_random.c
 *	  Subtitles of random words: every rule, whatever comes in.
 *
 * Some rules have no exception. The others have exactly those that are listed at
 * broken_wish(); each is checked to be one: the cue stays as long as there is time. And for
 * short streams every way of dividing them is tried: if there is one that keeps all rules,
 * ours does.
 *
 * LEAP_CUES_FOLDER: the files of each stream
 * are written there, and what must be read from them, for other people's parsers.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "cue_files.h"
#include "cue_streams.h"
#include "speech/cue_time.h"
#include "speech/cue_token.h"
#include "speech/cues.h"
#include "tap.h"

#define NEAR 0.0025

/* --- what holds without exception */

static bool
is_dropped(uint32_t code)
{
	return code <= ' ' || (code >= 0x7F && code <= 0xA0) || code == 0x202F ||
		   code == 0x3000 || (code >= 0x2000 && code <= 0x200B) ||
		   (code >= 0x2028 && code <= 0x202E) || (code >= 0x205F && code <= 0x206F) ||
		   code == 0xFEFF || code == 0x1680 || (code >= 0xFFF9 && code <= 0xFFFB);
}

/* Text without blanks and what cannot be seen: what must come out as it went in. */
static void
squeeze(Buffer *into, const char *text)
{
	uint32_t code;
	char bytes[4];

	while ((code = utf8_next(&text)) != 0)
		if (!is_dropped(code))
			buffer_append(into, bytes, utf8_put(code, bytes));
}

static bool
same_text(const Cue *cues, size_t count)
{
	Buffer before;
	Buffer after;
	bool same;

	buffer_init(&before);
	buffer_init(&after);
	for (size_t i = 0; i < stream.count; i++)
		squeeze(&before, stream.words[i].text);
	for (size_t i = 0; i < count; i++)
		for (size_t line = 0; line < 2 && cues[i].lines[line] != NULL; line++)
			squeeze(&after, cues[i].lines[line]);
	same = before.length == after.length &&
		   (before.length == 0 || memcmp(before.data, after.data, before.length) == 0);
	buffer_free(&before);
	buffer_free(&after);
	return same;
}

static const char *
broken_line(const char *line)
{
	uint32_t code;

	if (line[0] == '\0' || line[0] == ' ' || line[strlen(line) - 1] == ' ')
		return "a line is empty or has a blank at an end";
	if (utf8_width(line) > stream.width)
		return "a line is too wide";
	while ((code = utf8_next(&line)) != 0)
		if (code != ' ' && code != 0xA0 && code != 0x202F && is_dropped(code))
			return "a line holds what no subtitle may";
	return NULL;
}

static bool
is_millisecond(double time)
{
	return fabs(time * 1000 - round(time * 1000)) < 1e-4;
}

static const char *
broken_rule(const Cue *cues, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		const Cue *cue = &cues[i];

		for (size_t line = 0; line < 2 && cue->lines[line] != NULL; line++)
			if (broken_line(cue->lines[line]) != NULL)
				return broken_line(cue->lines[line]);
		if (cue->lines[0] == NULL)
			return "a cue has no line";
		if (!is_millisecond(cue->start) || !is_millisecond(cue->end))
			return "a time is no millisecond";
		if (cue->start < 0 || cue->end - cue->start < CUE_LEAST - 0.0015)
			return "a cue has no time";
		if (cue->end - cue->start > CUE_LONGEST + 1e-6)
			return "a cue stays too long";
		if (i > 0 && cue->start - cues[i - 1].end < CUE_GAP - 1e-6)
			return "a gap is too short";
	}
	return same_text(cues, count) ? NULL : "a word is lost, added or moved";
}

/* --- what holds but for listed exceptions */

/* Which words a cue of a spoken stream holds, where a word is a token: up to that one. */
static size_t behind[MOST_WORDS];

static void
count_words(const Cue *cues, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; stream.spoken && i < count; i++)
	{
		for (size_t left = cue_length(&cues[i]) + 1; left > 0 && at < stream.count; at++)
			left -= utf8_width(stream.words[at].text) + 1;
		behind[i] = at;
	}
}

/* Until when a cue could stay. spoken_end may be unknown: NAN. */
static double
latest_end(const Cue *cues, size_t count, size_t i, double spoken_end)
{
	double latest = cues[i].start + CUE_LONGEST;

	if (i + 1 < count)
		latest = fmin(latest, cues[i + 1].start - CUE_GAP);
	else if (stream.duration > 0)
		latest = fmin(latest, stream.duration);
	return isnan(spoken_end) ? latest : fmin(latest, spoken_end + CUE_LINGER_MOST);
}

static bool
is_readable(const Cue *cue)
{
	return cue->end - cue->start >= cue_reading_time(cue_length(cue)) - NEAR;
}

/*
 * Exceptions: a cue that cannot be read in its time stays as long as there is (until the
 * next, its last word + 1.5 s, the end, 7 s); a gap that is not closed is one behind a cue
 * of 7 s; a cue beyond the end of the film is of a film that is too short for its text.
 */
static const char *
broken_wish(const Cue *cues, size_t count)
{
	double columns = 0;

	for (size_t i = 0; i < count; i++)
	{
		const Cue *cue = &cues[i];
		double spoken = stream.spoken ? stream.words[behind[i] - 1].end : NAN;
		double gap = i + 1 < count ? cues[i + 1].start - cue->end : 0;

		columns += (double) cue_length(cue) + 1;
		if (stream.spoken && !is_readable(cue) &&
			cue->end < latest_end(cues, count, i, spoken) - NEAR)
			return "a cue is taken away before it can be read";
		if (gap > CUE_GAP + 1e-6 && gap < CUE_GAP_CLOSED - 1e-6 &&
			cue->end - cue->start < CUE_LONGEST - 0.001)
			return "a gap stays open";
		if (stream.duration > 0 && cue->end > stream.duration + 1e-6 &&
			columns / CUE_SPEECH_MOST < stream.duration &&
			(double) count * (CUE_LEAST + CUE_GAP) < stream.duration)
			return "a cue outlives the film";
	}
	return NULL;
}

/* Of speech: words are read when they are heard. */
static const char *
broken_time(const Cue *cues, size_t count)
{
	for (size_t i = 0; stream.spoken && i < count; i++)
	{
		const Word *first = &stream.words[i > 0 ? behind[i - 1] : 0];
		const Word *last = &stream.words[behind[i] - 1];

		if (fabs(cues[i].start - first->start) > NEAR && is_readable(&cues[i]))
			return "a cue does not begin with its first word";
		if (cues[i].end < last->start - NEAR && last != first)
			return "a word is heard when its cue is gone";
		if (cues[i].end > last->end + CUE_LINGER_MOST + CUE_GAP_CLOSED + NEAR)
			return "a cue stays long after its words";
	}
	return NULL;
}

/* --- every way to divide a short stream */

static bool
fits(size_t from, size_t to)
{
	for (size_t at = from + 1; at <= to; at++)
	{
		size_t widths[2] = {at - from - 1, to > at ? to - at - 1 : 0};

		for (size_t i = from; i < to; i++)
			widths[i >= at] += utf8_width(stream.words[i].text);
		if (widths[0] <= stream.width && widths[1] <= stream.width)
			return true;
	}
	return false;
}

static bool
can_be_cue(size_t from, size_t to)
{
	const Word *last = &stream.words[to - 1];
	double end =
		fmin(last->end + CUE_LINGER_MOST, stream.words[from].start + CUE_LONGEST);
	size_t length = to - from - 1;

	for (size_t i = from; i < to; i++)
		length += utf8_width(stream.words[i].text);
	if (to < stream.count)
		end = fmin(end, stream.words[to].start - CUE_GAP);
	else if (stream.duration > 0)
		end = fmin(end, stream.duration);
	/* no cue goes on behind a long pause */
	for (size_t i = from + 1; i < to; i++)
		if (stream.words[i].start - stream.words[i - 1].end > CUE_PAUSE_MOST)
			return false;
	return fits(from, to) && last->end - stream.words[from].start <= CUE_LONGEST &&
		   end - stream.words[from].start >= cue_reading_time(length);
}

static bool
can_be_readable(void)
{
	for (uint32_t ways = 0; ways < 1u << (stream.count - 1); ways++)
	{
		size_t from = 0;
		bool good = true;

		for (size_t to = 1; good && to <= stream.count; to++)
			if (to == stream.count || (ways >> (to - 1) & 1) != 0)
			{
				good = can_be_cue(from, to);
				from = to;
			}
		if (good)
			return true;
	}
	return false;
}

static uint32_t tried_readable;

static const char *
worse_than_possible(const Cue *cues, size_t count)
{
	if (!stream.spoken || stream.count == 0 || stream.count > TRIED || !can_be_readable())
		return NULL;
	tried_readable++;
	for (size_t i = 0; i < count; i++)
		if (!is_readable(&cues[i]))
			return "there is a way to divide it that can be read";
	return NULL;
}

/* The same words as captions, in cues of chance: what holds without exception, and that
 * what is kept of speech as it was can be read, where no end of the film is in its way. */
static const char *
broken_captions(size_t *kept)
{
	static Segment segments[MOST_WORDS];
	Transcript captions = {
		.words = stream.words, .word_count = stream.count, .segments = segments};
	Cue *cues = NULL;
	const char *rule;
	size_t count;

	for (size_t i = 0; i < stream.count; i += 1 + roll(9))
		segments[captions.segment_count++].start = stream.words[i].start;
	count = cues_keep(&captions, stream.duration, &cues);
	rule = broken_rule(cues, count);
	for (size_t i = 0; rule == NULL && i < count; i++)
	{
		*kept += cues[i].kept;
		if (stream.spoken && stream.duration == 0 && cues[i].kept &&
			!is_readable(&cues[i]))
			rule = "a cue is kept that cannot be read";
	}
	cues_free(cues, count);
	return rule;
}

int
main(void)
{
	static const char *(*const rules[])(const Cue *cues, size_t count) = {
		broken_rule, broken_wish, broken_time, worse_than_possible};
	const char *folder = getenv("LEAP_CUES_FOLDER");
	uint32_t most = (uint32_t) tap_rounds(150);

	for (size_t kind = 0; kind < LENGTH(stream_kinds); kind++)
	{
		size_t bad = 0;
		size_t made = 0;
		size_t unread = 0;
		size_t kept = 0;

		for (uint32_t number = 0; number < most; number++)
		{
			Cue *cues = NULL;
			const char *rule = NULL;
			size_t count;

			seed = 88172645463325252u + 1000003u * number + kind;
			(void) roll(2);
			stream.count = 0;
			stream.spoken = false;
			stream_kinds[kind].make();
			stream.width = cue_line_width(stream.words, stream.count);
			count = cues_make(stream.words, stream.count, stream.duration, &cues);
			count_words(cues, count);
			for (size_t i = 0; rule == NULL && i < LENGTH(rules); i++)
				rule = rules[i](cues, count);
			if (rule == NULL)
				rule = broken_captions(&kept);
			if (rule != NULL && bad++ < 3)
				ok(false, "%s %u: %s", stream_kinds[kind].name, number, rule);
			for (size_t i = 0; i < count; i++)
				unread += is_readable(&cues[i]) ? 0 : 1;
			made += count;
			if (folder != NULL)
				write_files(folder, stream_kinds[kind].name, number, cues, count);
			cues_free(cues, count);
		}
		ok(bad == 0,
		   "%s: all rules hold in %u streams (%zu cues, %zu too fast to read; of "
		   "captions, "
		   "%zu stay as they are)",
		   stream_kinds[kind].name, most, made, unread, kept);
	}
	ok(tried_readable > 0 || most < 100, "%u streams were divided in every way",
	   tried_readable);
	return done_testing();
}
