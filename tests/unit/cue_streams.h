/*
 * tests/unit/cue_streams.h
 *	  Random words with times: of people who speak at several paces, and of nobody.
 */
#ifndef LEAP_TESTS_CUE_STREAMS_H
#define LEAP_TESTS_CUE_STREAMS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "speech/transcript.h"

#define MOST_WORDS 240
#define WORD_SIZE  640
#define TRIED      11 /* streams of so many words may be tried in every way */

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

typedef struct Stream
{
	Word words[MOST_WORDS];
	char text[MOST_WORDS][WORD_SIZE];
	size_t count;
	size_t width;
	double duration; /* 0 = not told */
	bool spoken;     /* times are those of somebody who speaks */
} Stream;

static Stream stream;
static uint64_t seed;

/* Marsaglia's xorshift with a multiplier. */
static uint32_t
roll(uint32_t sides)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t) ((seed * 2685821657736338717u) >> 33) % sides;
}

static double
between(double least, double most)
{
	return least + (most - least) * roll(100000) / 100000.0;
}

static void
say(const char *text, double start, double end)
{
	Word *word = &stream.words[stream.count];

	snprintf(stream.text[stream.count], WORD_SIZE, "%s", text);
	*word = (Word){start, end, -1, stream.text[stream.count]};
	stream.count++;
}

/* --- streams */

static const char *const english[] = {
	"the",      "operating", "system", "decides",
	"which",    "program",   "runs",   "next",
	"and",      "for",       "how",    "long.",
	"It",       "keeps",     "a",      "list",
	"of",       "ready",     "tasks,", "sorted",
	"by",       "to",        "that",   "gravity.",
	"mountain", "we",        "is",     "in",
	"so",       "because",   "Why?",   "responsibilities",
};

static const char *const russian[] = {
	"память",      "и",     "процесс", "который",      "в",   "систему.",
	"на",          "ядро,", "мы",      "потому",       "что", "задача",
	"при",         "этот",  "Что?",    "переключение", "с",   "очередь",
	"виртуальная", "адрес", "из",      "таблица.",     "не",  "для",
};

/* Somebody who speaks at a pace, in seconds a letter, with pauses. */
static void
speak(const char *const *vocabulary, size_t size, double pace, uint32_t pauses)
{
	size_t count = roll(6) == 0 ? 1 + roll(TRIED) : 1 + roll(MOST_WORDS - 1);
	double at = between(0, 8);

	for (size_t i = 0; i < count; i++)
	{
		const char *word = vocabulary[roll((uint32_t) size)];
		double lasts = 0.06 + pace * (double) utf8_width(word) * between(0.8, 1.2);

		say(word, at, at + lasts);
		at += lasts + (roll(pauses) == 0 ? between(0.1, 4.0) : between(0, 0.04));
	}
	stream.spoken = true;
	stream.duration = roll(4) == 0 ? 0 : at + between(0, 3);
}

static void
speak_english(void)
{
	speak(english, LENGTH(english), 0.06, 9);
}

static void
speak_russian(void)
{
	speak(russian, LENGTH(russian), 0.06, 9);
}

static void
speak_fast(void)
{
	speak(roll(2) ? english : russian, LENGTH(russian), 0.025, 20);
}

static void
speak_slowly(void)
{
	speak(english, LENGTH(english), 0.12, 2);
}

static void
any_word(char *word, bool simple)
{
	static const char *const parts[] = {
		"a",
		"Wort",
		"ё",
		"слово",
		"漢字",
		"👩‍🔬",
		"é",
		"xyz",
		"42",
		"—",
		".",
		",",
		"!?",
		"<b>",
		"-->",
		"&amp;",
		"</v>",
		"{\\an8}",
		"<00:01.000>",
		"NOTE",
		"WEBVTT",
		"\\N",
		"&",
		"]]>",
		" ",
		"\n",
		"\r\n",
		"\t",
		"\xe2\x80\xa8",
		"\xe2\x80\xae",
		"\xe2\x80\x8b",
		"\x01",
		"\xff",
		"\xed\xa0\x80",
		"\xc2\xa0",
		"\n\n",
		"1\n00:00:01,000 --> 00:00:02,000\n",
		"\xef\xbb\xbf",
		"\x1b[2J",
		"\xc2\x85",
	};
	uint32_t kinds = simple ? 13 : (uint32_t) LENGTH(parts);
	uint32_t count = roll(15) == 0 ? 1 + roll(200) : 1 + roll(4);
	size_t length = 0;

	word[0] = '\0';
	for (uint32_t i = 0; i < count; i++)
	{
		const char *part = parts[roll(kinds)];

		if (length + strlen(part) + 1 < WORD_SIZE)
			length += (size_t) snprintf(word + length, WORD_SIZE - length, "%s", part);
	}
}

/* Words of any kind at times of any kind. */
static void
say_anything(bool simple)
{
	size_t count = roll(MOST_WORDS);
	double at = between(0, 5);
	char word[WORD_SIZE];

	for (size_t i = 0; i < count; i++)
	{
		double lasts = roll(4) == 0 ? 0 : roll(20) == 0 ? between(0, 40) : between(0, 1);

		any_word(word, simple);
		say(word, at, at + lasts);
		/* at the same time, overlapping, behind, after a pause, before */
		at += roll(3) == 0 ? 0 : roll(3) == 0 ? lasts / 2 : lasts;
		at += roll(15) == 0 ? between(0, 60) : 0;
		at -= roll(30) == 0 ? fmin(at, 3) : 0;
	}
	if (count > 0 && roll(20) == 0)
		stream.words[roll((uint32_t) count)].start = roll(2) ? NAN : INFINITY;
	if (count > 0 && roll(20) == 0)
		stream.words[roll((uint32_t) count)].end = roll(2) ? -7 : 1e300;
	stream.duration = roll(2) ? 0 : roll(5) == 0 ? between(0.01, 5) : at + 1;
}

static void
say_any_text(void)
{
	say_anything(false);
}

static void
say_at_any_time(void)
{
	say_anything(true);
}

static const struct
{
	const char *name;
	void (*make)(void);
} stream_kinds[] = {
	{"english",  speak_english  },
    {"russian",  speak_russian  },
    {"fast",     speak_fast     },
	{"slow",     speak_slowly   },
    {"any_text", say_any_text   },
    {"any_time", say_at_any_time},
};

#endif
