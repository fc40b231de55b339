/* sources: speech/cues.c speech/cue_made.c speech/cue_time.c speech/cue_token.c speech/cue_phrase.c speech/sentence.c speech/transcript.c base/buffer.c base/utf8.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_cues.c
 *	  Subtitles: the rules on ordinary speech, and where lines break.
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

/* Three hours of speech, and far more words than anybody says: the work for each is bounded. */
static void
test_many(size_t count, double step)
{
	static char text[3][9] = {"lecture", "and", "memory."};
	Word *words = calloc(count, sizeof *words);
	Cue *cues = NULL;
	size_t made;
	size_t length = 0;
	size_t wanted = 0;

	for (size_t i = 0; words != NULL && i < count; i++)
	{
		words[i] = (Word){step * (double) i, step * (double) i + 0.3, -1, text[i % 3]};
		wanted += strlen(words[i].text) + 1;
	}
	made = cues_make(words, count, 0, &cues);
	for (size_t i = 0; i < made; i++)
		length += cue_length(&cues[i]) + 1;
	is_int((long long) length, (long long) wanted, "every word of very many is there");
	cues_free(cues, made);
	free(words);
}

/* A break stands before a preposition, never behind it or an article. */
static void
test_torn(void)
{
	static const char *const torn[] = {"the", "a", "of", "and", "for", "by"};
	size_t breaks = 0;

	for (uint32_t round = 0; round < 100; round++)
	{
		double at = 1;
		Cue *cues = NULL;
		size_t count;

		seed = round;
		silence();
		for (size_t i = 0; i < 200; i++)
		{
			static const char *const nouns[] = {"memory", "systems", "page", "process."};
			const char *word = i % 3 == 0 ? torn[roll(6)] : nouns[roll(4)];

			say(word, at, at + 0.3);
			at += 0.4;
		}
		count = cues_make(speech.words, speech.count, at, &cues);
		for (size_t i = 0; i < count; i++)
			for (size_t line = 0; line < 2 && cues[i].lines[line] != NULL; line++)
			{
				const char *last = strrchr(cues[i].lines[line], ' ');

				last = last != NULL ? last + 1 : cues[i].lines[line];
				for (size_t k = 0; k < sizeof torn / sizeof torn[0]; k++)
					breaks += strcmp(last, torn[k]) == 0;
			}
		cues_free(cues, count);
	}
	is_int((long long) breaks, 0, "no line ends with an article or a preposition");
}

/* Every word of the lists is found: they are sorted as they are searched. */
static void
test_phrases(void)
{
	is_int(cue_phrase_of("The"), CUE_PHRASE_ARTICLE, "an article");
	is_int(cue_phrase_of("a"), CUE_PHRASE_ARTICLE, "the shortest");
	is_int(cue_phrase_of("without"), CUE_PHRASE_OPENS, "a preposition");
	is_int(cue_phrase_of("About"), CUE_PHRASE_OPENS, "the first of them");
	is_int(cue_phrase_of("Потому"), CUE_PHRASE_OPENS, "a Russian conjunction");
	is_int(cue_phrase_of("чтобы"), CUE_PHRASE_OPENS, "another");
	is_int(cue_phrase_of("этот"), CUE_PHRASE_ARTICLE, "a Russian determiner");
	is_int(cue_phrase_of("мы"), CUE_PHRASE_CLINGS, "a pronoun");
	is_int(cue_phrase_of("memory"), CUE_PHRASE_NONE, "a word like others");
	is_int(cue_phrase_of(""), CUE_PHRASE_NONE, "no word");
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

/* A cue of captions, its words spread over it. */
typedef struct MadeCue
{
	double start;
	double end;
	const char *text;
} MadeCue;

static void
spread(Transcript *captions, const MadeCue *cue)
{
	double words = 1;
	char word[256];
	int length;

	for (const char *at = cue->text; *at != '\0'; at++)
		words += *at == ' ';
	double step = (cue->end - cue->start) / words;
	double start = cue->start;
	for (const char *at = cue->text; sscanf(at, "%255s%n", word, &length) == 1;
		 at += length, start += step)
		transcript_add_word(captions, start, start + step, -1, word);
	transcript_add_segment(captions, cue->start, cue->end, cue->text);
}

/* The subtitles of captions as "start-end text/text", with " | " between. */
static const char *
kept_as(const MadeCue *made, size_t made_count)
{
	static char text[2000];
	Transcript captions;
	Cue *cues = NULL;
	size_t length = 0;
	size_t count;

	transcript_init(&captions, "captions", "", "en", 1000);
	for (size_t i = 0; i < made_count; i++)
		spread(&captions, &made[i]);
	transcript_finish(&captions);
	count = cues_keep(&captions, 1000, &cues);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		length += (size_t) snprintf(text + length, sizeof text - length, "%s%g-%g %s%s%s",
									i > 0 ? " | " : "", cues[i].start, cues[i].end,
									cues[i].lines[0], cues[i].lines[1] != NULL ? "/" : "",
									cues[i].lines[1] != NULL ? cues[i].lines[1] : "");
	cues_free(cues, count);
	transcript_free(&captions);
	return text;
}

#define KEPT_AS(...) \
	kept_as((MadeCue[]){__VA_ARGS__}, sizeof((MadeCue[]){__VA_ARGS__}) / sizeof(MadeCue))

/* What people made stays, where it obeys the rules; only what does not is divided. */
static void
test_kept(void)
{
	is_str(KEPT_AS({160, 170, "The honeybee dances."}, {170, 172, "It is a sign."}),
		   "160-167 The honeybee dances. | 170-172 It is a sign.",
		   "a few words that stay too long end, and are not torn");
	is_str(KEPT_AS({1, 2.5, "and this is"}, {2.5, 5, "the beginning of"},
				   {5.3, 7.3, "a sentence. Then"}, {9, 10, "it ends."}),
		   "1-2.417 and this is | 2.5-5 the beginning of | 5.3-7.3 a sentence. Then | "
		   "9-10 it ends.",
		   "cues begin and end as people said");
	is_str(
		KEPT_AS({1, 3, "Good morning."},
				{3, 13,
				 "Today we look at the memory of a machine, how it is divided, and what "
				 "a page of it is."},
				{13, 15, "Let us begin."}),
		"1-2.917 Good morning. | 3-7.417 Today we look at the memory of a machine, | "
		"7.5-12.917 how it is divided,/and what a page of it is. | 13-15 Let us begin.",
		"one that stays too long is divided, those beside it are not");
	is_str(KEPT_AS({1, 3, "What do you think?"}, {3, 3.5, "Yes."},
				   {3.5, 6, "I think so as well."}, {6, 8, "Then we go on."}),
		   "1-3.417 What do you think? Yes. | 3.5-5.917 I think so as well. | 6-8 Then "
		   "we go "
		   "on.",
		   "one that is too short goes with its neighbours");
	is_str(KEPT_AS({1, 3, "What do you think?"}, {4, 4.5, "Yes."}, {7, 9, "Then go on."}),
		   "1-3 What do you think? | 4-5 Yes. | 7-9 Then go on.",
		   "or stays longer, where there is time");
}

static void
test_nothing(void)
{
	Cue *cues = NULL;

	is_int((long long) cues_make(NULL, 0, 10, &cues), 0, "no words, no cues");
	cues_free(cues, 0);
}

/* Columns are those of characters as people see them. */
static void
test_columns(void)
{
	static const struct
	{
		const char *text;
		size_t columns;
		const char *what;
	} texts[] = {
		{"word",											 4, "Latin letters"                   },
		{"e\xcc\x81\xcc\xa3",								1, "a letter with two marks"         },
		{"\u0439\u0438\u0306",							   2, "Cyrillic, composed or not"       },
		{"\u6f22\u5b57",									 4, "Chinese characters are wide"     },
		{"\u1100\u1161\u11a8",							   2, "a Korean syllable of three parts"},
		{"\U0001F469\u200d\U0001F52C",                       2, "an emoji of two, joined"         },
		{"\U0001F44D\U0001F3FD",                             2, "an emoji with a skin tone"       },
		{"\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd",       4, "Hebrew with its points"          },
		{"\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f", 4, "Arabic with its vowels"          },
		{"\u0915\u094d\u0937\u093f",                         2, "Devanagari with its signs"       },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		is_int((long long) utf8_width(texts[i].text), (long long) texts[i].columns,
			   texts[i].what);
}

int
main(void)
{
	test_columns();
	test_nothing();
	test_breaks();
	test_long_word();
	test_cyrillic();
	test_ordinary();
	test_many(27000, 0.4);
	test_many(100000, 0);
	test_torn();
	test_phrases();
	test_kept();
	return done_testing();
}
