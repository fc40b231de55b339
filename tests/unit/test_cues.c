/* sources: speech/cues.c speech/cue_token.c speech/sentence.c base/utf8.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_cues.c
 *	  Subtitles: the rules on ordinary speech, and on any input that no word is lost.
 */
#include "speech/cues.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "speech/cue_token.h"
#include "tap.h"

#define MOST_WORDS 400

typedef struct Speech
{
	Word words[MOST_WORDS];
	char text[MOST_WORDS][256];
	size_t count;
	double end;
} Speech;

static Speech speech;
static uint32_t seed;

static uint32_t
roll(uint32_t sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % sides;
}

static void
say(const char *text, double start, double end)
{
	Word *word = &speech.words[speech.count];

	snprintf(speech.text[speech.count], sizeof speech.text[0], "%s", text);
	*word = (Word){start, end, -1, speech.text[speech.count]};
	speech.count++;
	speech.end = end;
}

static void
silence(void)
{
	speech.count = 0;
	speech.end = 0;
}

/* Text without its blanks: what must come out as it went in. */
static void
squeeze(char *into, size_t *length, const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char) *text > ' ')
			into[(*length)++] = *text;
	into[*length] = '\0';
}

static bool
same_text(const Cue *cues, size_t count)
{
	static char before[MOST_WORDS * 256];
	static char after[MOST_WORDS * 256];
	size_t before_length = 0;
	size_t after_length = 0;

	before[0] = after[0] = '\0';
	for (size_t i = 0; i < speech.count; i++)
		squeeze(before, &before_length, speech.words[i].text);
	for (size_t i = 0; i < count; i++)
		for (size_t line = 0; line < 2 && cues[i].lines[line] != NULL; line++)
			squeeze(after, &after_length, cues[i].lines[line]);
	return strcmp(before, after) == 0;
}

/* What holds for any input. Names the first rule that is broken, or NULL. */
static const char *
broken_rule(const Cue *cues, size_t count, size_t width)
{
	for (size_t i = 0; i < count; i++)
	{
		const Cue *cue = &cues[i];

		if (cue->lines[0] == NULL || cue->lines[0][0] == '\0')
			return "a cue is empty";
		for (size_t line = 0; line < 2 && cue->lines[line] != NULL; line++)
			if (utf8_width(cue->lines[line]) > width)
				return "a line is too wide";
		if (cue->end <= cue->start || cue->start < 0)
			return "a cue has no time";
		if (cue->end - cue->start > CUE_LONGEST + 0.001)
			return "a cue stays too long";
		if (i > 0 && cue->start - cues[i - 1].end < CUE_GAP - 0.001)
			return "the gap is too short";
	}
	return same_text(cues, count) ? NULL : "a word is lost, added or moved";
}

/* What holds for speech at an ordinary pace as well. */
static const char *
unpleasant(const Cue *cues, size_t count, double duration)
{
	for (size_t i = 0; i < count; i++)
	{
		double shown = cues[i].end - cues[i].start;

		if (shown < CUE_SHORTEST - 0.001)
			return "a cue is too short";
		if ((double) cue_length(&cues[i]) / shown > CUE_MOST_SPEED + 0.001)
			return "a cue is too fast";
		if (cues[i].end > duration + 0.001)
			return "a cue outlives the film";
	}
	return NULL;
}

static void
test_ordinary(void)
{
	static const char *const vocabulary[] = {
		"the",    "operating", "system", "decides",  "which",    "program",
		"runs",   "next",      "and",    "for",      "how",      "long.",
		"It",     "keeps",     "a",      "list",     "of",       "ready",
		"tasks,", "sorted",    "by",     "priority", "mountain", "gravity.",
	};

	for (uint32_t round = 0; round < 200; round++)
	{
		double at = 5.0;
		Cue *cues = NULL;
		const char *rule;
		size_t count;

		seed = round;
		silence();
		for (size_t i = 0; i < 300; i++)
		{
			const char *word = vocabulary[roll(24)];
			double lasts = 0.09 + 0.06 * (double) strlen(word);

			say(word, at, at + lasts);
			at += lasts + (roll(9) == 0 ? 0.2 + roll(300) / 100.0 : 0.03);
		}
		count = cues_make(speech.words, speech.count, speech.end + 3, &cues);
		rule = broken_rule(cues, count, CUE_LINE_WIDTH);
		if (rule == NULL)
			rule = unpleasant(cues, count, speech.end + 3);
		if (rule != NULL || round == 0)
			ok(rule == NULL, "ordinary speech %u: %s", round, rule ? rule : "all rules");
		cues_free(cues, count);
	}
}

/* A word of any kind: long, blank inside, many bytes a character, broken bytes. */
static void
random_word(char *word, size_t size)
{
	static const char *const parts[] = {
		"a",   "Wort", "ё", "слово", "漢字", "👩‍🔬", "é", "<b>",
		"-->", ".",    ",", " ",     "\n",   "\xff",        "&", "42"};
	uint32_t count = roll(12) == 0 ? 60 : 1 + roll(4);
	size_t length = 0;

	for (uint32_t i = 0; i < count; i++)
	{
		const char *part = parts[roll(16)];

		if (length + strlen(part) + 2 < size)
			length += (size_t) snprintf(word + length, size - length, "%s", part);
	}
	snprintf(word + length, size - length, "x");
}

static void
test_anything(void)
{
	size_t bad = 0;

	for (uint32_t round = 0; round < 1000; round++)
	{
		double at = 0;
		Cue *cues = NULL;
		const char *rule;
		size_t count;
		char word[256];

		seed = round + 77777;
		silence();
		for (uint32_t i = roll(MOST_WORDS); i > 0; i--)
		{
			double lasts = roll(4) == 0 ? 0.0001 : roll(300) / 100.0 + 0.01;

			random_word(word, sizeof word);
			say(word, at, at + lasts);
			at += roll(3) == 0 ? 0 : roll(5) == 0 ? roll(1000) / 20.0 : lasts;
		}
		count =
			cues_make(speech.words, speech.count, roll(2) == 0 ? 0 : speech.end, &cues);
		rule = broken_rule(cues, count, cue_line_width(speech.words, speech.count));
		if (rule != NULL && bad++ < 5)
			ok(false, "random input %u: %s", round, rule);
		cues_free(cues, count);
	}
	is_int((long long) bad, 0, "1000 random inputs keep every word and every hard rule");
}

static void
test_breaks(void)
{
	static const char *const words[] = {"We",    "begin",   "with", "a",      "volcano.",
										"A",     "volcano", "is",   "a",      "mountain",
										"that",  "opens",   "down", "to",     "a",
										"large", "chamber", "of",   "molten", "rock."};
	Cue *cues = NULL;
	size_t count;

	silence();
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		say(words[i], 1.0 + 0.4 * (double) i, 1.35 + 0.4 * (double) i);
	count = cues_make(speech.words, speech.count, 20, &cues);
	if (is_int((long long) count, 2, "two sentences, two cues"))
	{
		is_str(cues[0].lines[0], "We begin with a volcano.", "the first one has a line");
		is_str(cues[1].lines[0], "A volcano is a mountain that opens down",
			   "the break is before a phrase");
		is_str(cues[1].lines[1], "to a large chamber of molten rock.",
			   "and the rest is below");
	}
	cues_free(cues, count);
}

static void
test_long_word(void)
{
	Cue *cues = NULL;
	size_t count;
	char word[101];

	memset(word, 'w', 100);
	word[100] = '\0';
	silence();
	say(word, 2.0, 4.0);
	count = cues_make(speech.words, speech.count, 10, &cues);
	is_int((long long) count, 2, "100 letters take three lines");
	ok(same_text(cues, count), "no letter is lost");
	cues_free(cues, count);
}

static void
test_cyrillic(void)
{
	Cue *cues = NULL;
	size_t count;

	silence();
	for (size_t i = 0; i < 60; i++)
		say(i % 7 == 6 ? "памяти." : "процесс", (double) i * 0.6, (double) i * 0.6 + 0.5);
	count = cues_make(speech.words, speech.count, 40, &cues);
	is_str(broken_rule(cues, count, CUE_LINE_WIDTH_CYRILLIC), NULL,
		   "Cyrillic lines have 39 characters");
	cues_free(cues, count);
}

static void
test_nothing(void)
{
	Cue *cues = NULL;

	is_int((long long) cues_make(NULL, 0, 10, &cues), 0, "no words, no cues");
	cues_free(cues, 0);
}

int
main(void)
{
	test_nothing();
	test_breaks();
	test_long_word();
	test_cyrillic();
	test_ordinary();
	test_anything();
	return done_testing();
}
