/*
 * speech/cue_phrase.c
 *	  Words that must not be torn from what follows them. Pure.
 */
#include "speech/cue_phrase.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Articles and what stands in their place. Sorted by bytes. */
static const char *const articles[] = {
	"a",     "an",    "any",  "each", "every", "her",    "his",    "its",    "my",
	"no",    "our",   "some", "the",  "their", "these",  "this",   "those",  "very",
	"your",  "ваш",   "ваша", "ваше", "ваши",  "каждая", "каждое", "каждый", "мои",
	"мой",   "моя",   "моё",  "наш",  "наша",  "наше",   "наши",   "очень",  "самая",
	"самое", "самый", "свои", "свой", "своя",  "своё",   "та",     "те",     "тот",
	"эта",   "эти",   "это",  "этот",
};

/* Prepositions and conjunctions. Sorted by bytes. */
static const char *const openers[] = {
	"about",   "above",  "across",  "after",   "against", "along",   "among",  "and",
	"around",  "as",     "at",      "because", "before",  "behind",  "below",  "between",
	"but",     "by",     "despite", "during",  "except",  "for",     "from",   "how",
	"if",      "in",     "inside",  "into",    "like",    "near",    "nor",    "of",
	"off",     "on",     "onto",    "or",      "outside", "over",    "per",    "since",
	"so",      "than",   "that",    "though",  "through", "to",      "toward", "towards",
	"under",   "unless", "until",   "upon",    "what",    "when",    "where",  "whereas",
	"which",   "while",  "who",     "whose",   "why",     "with",    "within", "without",
	"а",       "без",    "в",       "вместо",  "во",      "где",     "для",    "до",
	"если",    "за",     "и",       "ибо",     "из",      "или",     "к",      "как",
	"ко",      "когда",  "которая", "которое", "которые", "который", "кроме",  "куда",
	"либо",    "между",  "на",      "над",     "но",      "о",       "об",     "около",
	"от",      "откуда", "перед",   "по",      "под",     "пока",    "после",  "потому",
	"поэтому", "при",    "про",     "ради",    "с",       "сквозь",  "со",     "среди",
	"у",       "хотя",   "чем",     "через",   "что",     "чтобы",
};

/* Pronouns, auxiliaries, particles. Sorted by bytes. */
static const char *const clinging[] = {
	"am",    "are",   "be",    "been",  "can",    "could", "did",   "do",  "does",
	"had",   "has",   "have",  "he",    "i",      "is",    "it",    "may", "might",
	"must",  "not",   "shall", "she",   "should", "there", "they",  "too", "was",
	"we",    "were",  "will",  "would", "you",    "будет", "будут", "бы",  "был",
	"была",  "были",  "было",  "все",   "всё",    "вы",    "есть",  "же",  "могут",
	"может", "можно", "мы",    "надо",  "не",     "ни",    "нужно", "он",  "она",
	"они",   "оно",   "так",   "то",    "ты",     "я",
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct
{
	const char *const *words;
	size_t count;
	CuePhrase phrase;
} lists[] = {
	{articles, LENGTH(articles), CUE_PHRASE_ARTICLE},
	{openers,  LENGTH(openers),  CUE_PHRASE_OPENS  },
	{clinging, LENGTH(clinging), CUE_PHRASE_CLINGS },
};

static int
by_text(const void *key, const void *entry)
{
	return strcmp(key, *(const char *const *) entry);
}

CuePhrase
cue_phrase_of(const char *word)
{
	char lower[32];
	size_t length = 0;

	while (*word != '\0' && length + 4 < sizeof lower)
		length += utf8_put(utf8_lower(utf8_next(&word)), lower + length);
	lower[length] = '\0';
	for (size_t i = 0; i < LENGTH(lists); i++)
		if (bsearch(lower, lists[i].words, lists[i].count, sizeof(char *), by_text) !=
			NULL)
			return lists[i].phrase;
	return CUE_PHRASE_NONE;
}
