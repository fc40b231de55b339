/*
 * speech/cue_token.c
 *	  Words into tokens. Pure.
 */
#include "speech/cue_token.h"

#include <string.h>

#include "base/array.h"
#include "base/utf8.h"
#include "speech/cues.h"
#include "speech/sentence.h"

#define COST_SENTENCE 0
#define COST_CLAUSE   2
#define COST_PLAIN    5
#define COST_CLINGING CUE_BREAK_WORST

typedef struct TokenList
{
	CueToken *items;
	size_t count;
	size_t room;
} TokenList;

/* Words that belong to the one behind them: a line that ends with one reads badly. Sorted
 * by bytes. */
static const char *const clinging[] = {
	"a",       "about",   "after",  "an",      "and",   "are",   "as",    "at",
	"be",      "because", "before", "but",     "by",    "can",   "could", "during",
	"each",    "every",   "for",    "from",    "has",   "have",  "her",   "his",
	"how",     "i",       "if",     "in",      "into",  "is",    "its",   "must",
	"my",      "no",      "not",    "of",      "on",    "or",    "our",   "over",
	"so",      "than",    "that",   "the",     "their", "these", "this",  "those",
	"through", "to",      "too",    "under",   "very",  "was",   "we",    "were",
	"what",    "when",    "where",  "which",   "while", "who",   "will",  "with",
	"would",   "you",     "your",   "а",       "без",   "в",     "во",    "все",
	"для",     "до",      "если",   "за",      "и",     "из",    "или",   "к",
	"как",     "ко",      "когда",  "который", "между", "мы",    "на",    "над",
	"не",      "ни",      "но",     "о",       "об",    "от",    "очень", "по",
	"под",     "при",     "про",    "с",       "свой",  "со",    "так",   "то",
	"у",       "через",   "что",    "чтобы",   "эта",   "эти",   "это",   "этот",
	"я",
};

static int
by_text(const void *key, const void *entry)
{
	return strcmp(key, *(const char *const *) entry);
}

static bool
clings(const char *text)
{
	char lower[32];
	size_t length = 0;

	while (*text != '\0' && length + 4 < sizeof lower)
		length += utf8_put(utf8_lower(utf8_next(&text)), lower + length);
	lower[length] = '\0';
	return bsearch(lower, clinging, sizeof clinging / sizeof clinging[0],
				   sizeof clinging[0], by_text) != NULL;
}

static int
cost_behind(const char *text)
{
	if (sentence_ends_with(text))
		return COST_SENTENCE;
	if (sentence_pauses_with(text))
		return COST_CLAUSE;
	return clings(text) ? COST_CLINGING : COST_PLAIN;
}

size_t
cue_line_width(const Word *words, size_t count)
{
	size_t cyrillic = 0;
	size_t all = 0;

	for (size_t i = 0; i < count; i++)
	{
		uint32_t code;

		for (const char *at = words[i].text; (code = utf8_next(&at)) != 0; all++)
			cyrillic += code >= 0x0400 && code <= 0x04FF;
	}
	return cyrillic * 2 > all ? CUE_LINE_WIDTH_CYRILLIC : CUE_LINE_WIDTH;
}

static bool
is_blank(uint32_t code)
{
	return code <= ' ' || (code >= 0x7F && code <= 0x85) || code == 0x2028 ||
		   code == 0x2029;
}

static void
add_token(TokenList *list, const Word *word, const char *text, size_t bytes)
{
	double whole = (double) strlen(word->text);
	double from = (double) (text - word->text) / whole;
	double to = from + (double) bytes / whole;
	double lasts = word->end - word->start;
	CueToken token = {.start = word->start + lasts * from,
					  .end = word->start + lasts * to};

	token.text = array_new(bytes + 1, 1);
	memcpy(token.text, text, bytes);
	token.width = utf8_width(token.text);
	token.break_cost = cost_behind(token.text);
	list->items = array_room(list->items, &list->room, list->count + 1, sizeof(CueToken));
	list->items[list->count++] = token;
}

/* The longest start of text, in bytes, that is no wider than `width` and ends before the
 * next blank; at least one character. */
static size_t
part_length(const char *text, size_t width)
{
	size_t length = 0;
	size_t used = 0;

	while (text[length] != '\0')
	{
		const char *peek = text + length;
		size_t end = (size_t) (utf8_character_end(text + length) - text);

		if (is_blank(utf8_next(&peek)))
			break;
		used += utf8_width_of(text + length, end - length);
		if (used > width && length > 0)
			break;
		length = end;
	}
	return length;
}

size_t
cue_tokens(const Word *words, size_t count, size_t line_width, CueToken **tokens)
{
	TokenList list = {0};

	for (size_t i = 0; i < count; i++)
	{
		const char *at = words[i].text;

		while (*at != '\0')
		{
			size_t length = part_length(at, line_width);

			if (length > 0)
				add_token(&list, &words[i], at, length);
			else
				(void) utf8_next(&at); /* a blank */
			at += length;
		}
	}
	*tokens = list.items;
	return list.count;
}

void
cue_tokens_free(CueToken *tokens, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(tokens[i].text);
	free(tokens);
}
