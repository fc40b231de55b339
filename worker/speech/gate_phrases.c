/*
 * speech/gate_phrases.c
 *	  Signs in what was said: what recognisers say in silence.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "speech/gate_check.h"

#define LONGEST_PLAIN 1024
#define SHORT_SEGMENT 12  /* words; longer ones tell something themselves */
#define FAREWELLS     2   /* so often people say it themselves */
#define ONLY_PHRASES  0.8 /* of the words: nothing else was said */

/* What recognisers trained on film subtitles say about silence, as gate_plain() writes it. */
static const struct
{
	const char *text;
	bool credit; /* nobody says that in a lecture */
} known_phrases[] = {
	{"редактор субтитров",                 true },
	{"субтитры сделал",                       true },
	{"субтитры создавал",                   true },
	{"субтитры подогнал",                   true },
	{"субтитры добавил",                     true },
	{"субтитры делал",						 true },
	{"dimatorzok",										  true },
	{"корректор а",							   true },
	{"amara org",										   true },
	{"subtitles by",										true },
	{"captions by",										 true },
	{"captioning by",									   true },
	{"transcription by castingwords",                       true },
	{"продолжение следует",               false},
	{"спасибо за просмотр",                false},
	{"спасибо за внимание",                false},
	{"благодарю за внимание",            false},
	{"подписывайтесь на канал",        false},
	{"подписывайтесь на мой канал", false},
	{"подписывайтесь на наш канал", false},
	{"ставьте лайки",						   false},
	{"до новых встреч",						false},
	{"всем пока",								   false},
	{"thanks for watching",								 false},
	{"thank you for watching",                              false},
	{"thank you so much for watching",                      false},
	{"please subscribe",									false},
	{"subscribe to my channel",                             false},
	{"subscribe to our channel",                            false},
	{"like and subscribe",								  false},
	{"see you in the next video",                           false},
	{"see you next time",								   false},
	{"to be continued",									 false},
	{"thank you",										   false},
	{"bye bye",											 false},
};

static size_t
count_words(const char *plain)
{
	size_t words = *plain != '\0';

	for (; *plain != '\0'; plain++)
		words += *plain == ' ';
	return words;
}

/* Words of a text that belong to known phrases; *credit: one of them is a credit. */
static size_t
known_words(const char *plain, bool *credit)
{
	size_t words = 0;

	*credit = false;
	for (size_t i = 0; i < sizeof known_phrases / sizeof known_phrases[0]; i++)
	{
		const char *text = known_phrases[i].text;
		size_t length = strlen(text);

		for (const char *at = plain; (at = strstr(at, text)) != NULL; at += length)
		{
			bool begins = at == plain || at[-1] == ' ';

			if (!begins || (at[length] != ' ' && at[length] != '\0'))
				continue;
			words += count_words(text);
			*credit |= known_phrases[i].credit;
		}
	}
	return words;
}

typedef struct Phrases
{
	size_t segments; /* that are little else */
	size_t credits;
	size_t words;
	size_t all_words;
	double at; /* the first of them */
} Phrases;

static Phrases
find_phrases(const Transcript *transcript)
{
	Phrases found = {.at = -1};
	char plain[LONGEST_PLAIN];

	for (size_t i = 0; i < transcript->segment_count; i++)
	{
		size_t all = gate_plain(transcript->segments[i].text, plain, sizeof plain);
		bool credit;
		size_t known = known_words(plain, &credit);

		found.all_words += all;
		known = known < all ? known : all;
		found.words += known;
		credit = credit && all <= SHORT_SEGMENT;
		found.credits += credit;
		if (!credit && known * 2 < all + (all == 0))
			continue;
		found.segments++;
		if (found.at < 0)
			found.at = transcript->segments[i].start;
	}
	return found;
}

Finding
gate_check_phrases(const GateInput *input, cJSON *measured)
{
	size_t count = input->transcript->segment_count;
	Phrases found = find_phrases(input->transcript);
	double of_words =
		found.all_words > 0 ? (double) found.words / (double) found.all_words : 0;
	double of_segments = count > 0 ? (double) found.segments / (double) count : 0;
	Finding finding = FINDING_NONE;

	finding.limit = input->limits.max_known_phrases_share;
	finding.value = fmax(of_words, of_segments);
	gate_measure(measured, "known_phrases_share", finding.value);
	if (finding.value > finding.limit &&
		(found.segments > FAREWELLS || of_words > ONLY_PHRASES))
		finding.severity = SEVERITY_REJECT;
	else if (found.credits > 0 || found.segments > FAREWELLS)
		finding.severity = SEVERITY_SUSPECT;
	if (finding.severity == SEVERITY_SUSPECT)
		finding.at = found.at;
	snprintf(
		finding.message, sizeof finding.message,
		"%zu of %zu segments and %zu of %zu words are phrases that recognisers invent in "
		"silence",
		found.segments, count, found.words, found.all_words);
	return finding;
}
