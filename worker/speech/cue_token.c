/*
 * speech/cue_token.c
 *	  Words into tokens. Pure.
 */
#include "speech/cue_token.h"

#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "speech/cues.h"
#include "speech/sentence.h"

/* No recording is longer, in seconds: what a time beyond it means nobody knows. */
#define LATEST 10000000.0

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

typedef struct TokenList
{
	CueToken *items;
	size_t count;
	size_t room;
} TokenList;

typedef struct CodeRange
{
	uint32_t first;
	uint32_t last;
} CodeRange;

/* Where a line may break: white space as Unicode knows it but for the blanks that glue, and
 * control characters, which no subtitle may hold. */
static const CodeRange blanks[] = {
	{0x01,   0x20  },
    {0x7F,   0x9F  },
    {0x1680, 0x1680},
    {0x2000, 0x200A},
	{0x2028, 0x2029},
    {0x205F, 0x205F},
    {0x3000, 0x3000},
};

/* Invisible: zero-width space, embeddings, overrides and isolates, which would turn the rest
 * of a line around, word joiner, byte order mark. */
static const CodeRange unseen[] = {
	{0x200B, 0x200B},
    {0x202A, 0x202E},
    {0x2060, 0x2060},
	{0x2066, 0x206F},
    {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB},
};

/* Blanks at which no line breaks. */
static const CodeRange glue[] = {
	{0xA0,   0xA0  },
	{0x202F, 0x202F},
};

static bool
is_among(const CodeRange *ranges, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
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

/* The word with a space for each blank and nothing that is unseen. */
static char *
clean_text(const char *text)
{
	/* U+FFFD, three bytes, in place of one byte that is no UTF-8 */
	char *clean = array_new(3 * strlen(text) + 1, 1);
	size_t length = 0;
	uint32_t code;

	while ((code = utf8_next(&text)) != 0)
	{
		if (is_among(unseen, LENGTH(unseen), code))
			continue;
		if (is_among(blanks, LENGTH(blanks), code))
			code = ' ';
		length += utf8_put(code, clean + length);
	}
	return clean;
}

/* How many bytes of text, of at most `bytes`, are left without glue at their end. */
static size_t
without_glue(const char *text, size_t bytes)
{
	size_t kept = 0;

	for (const char *at = text; at < text + bytes;)
		if (!is_among(glue, LENGTH(glue), utf8_next(&at)))
			kept = (size_t) (at - text);
	return kept;
}

static void
add_token(TokenList *list, const Word *word, double from, double to, const char *text,
		  size_t bytes)
{
	double lasts = word->end - word->start;
	CueToken token = {.start = word->start + lasts * from,
					  .end = word->start + lasts * to};

	token.text = array_new(bytes + 1, 1);
	memcpy(token.text, text, bytes);
	token.width = utf8_width(token.text);
	token.ends = sentence_ends_with(token.text);
	token.pauses = sentence_pauses_with(token.text);
	token.phrase = cue_phrase_of(token.text);
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

	while (text[length] != '\0' && text[length] != ' ')
	{
		size_t end = (size_t) (utf8_character_end(text + length) - text);

		used += utf8_width_of(text + length, end - length);
		if (used > width && length > 0)
			break;
		length = end;
	}
	return length;
}

static void
add_word(TokenList *list, const Word *word, size_t line_width)
{
	CLEANUP(free) char *text = clean_text(word->text);
	double whole = (double) strlen(text);
	const char *at = text;

	while (*at != '\0')
	{
		const char *peek = at;
		size_t length;
		size_t kept;

		if (*at == ' ' || is_among(glue, LENGTH(glue), utf8_next(&peek)))
		{
			at = *at == ' ' ? at + 1 : peek;
			continue;
		}
		length = part_length(at, line_width);
		kept = without_glue(at, length);
		add_token(list, word, (double) (at - text) / whole,
				  (double) (at + length - text) / whole, at, kept);
		at += length;
	}
}

size_t
cue_tokens(const Word *words, size_t count, size_t line_width, CueToken **tokens)
{
	TokenList list = {0};

	for (size_t i = 0; i < count; i++)
	{
		size_t before = list.count;

		add_word(&list, &words[i], line_width);
		for (size_t k = before; k < list.count; k++)
			list.items[k].word = i;
	}
	*tokens = list.items;
	return list.count;
}

/* A time that is one, within the film. */
static double
sane(double time, double instead, double latest)
{
	return isfinite(time) ? fmin(fmax(time, 0), latest) : instead;
}

/* Starts ascend, and a word ends before the next begins. */
static void
put_in_order(CueToken *tokens, size_t count, double latest)
{
	double at = 0;

	for (size_t i = 0; i < count; i++)
	{
		at = fmax(at, sane(tokens[i].start, at, latest));
		tokens[i].start = at;
		tokens[i].end = fmax(at, sane(tokens[i].end, at, latest));
	}
	for (size_t i = 0; i + 1 < count; i++)
		tokens[i].end = fmin(tokens[i].end, tokens[i + 1].start);
}

void
cue_tokens_settle(CueToken *tokens, size_t count, double duration)
{
	double latest = duration > 0 ? fmin(duration, LATEST) : LATEST;
	double limit = latest;
	double at = 0;

	put_in_order(tokens, count, latest);
	for (size_t i = count; i-- > 0; limit = tokens[i].start)
		tokens[i].start =
			fmin(tokens[i].start, limit - (double) tokens[i].width / CUE_SPEECH_MOST);
	for (size_t i = 0; i < count; i++)
	{
		double spoken = (double) tokens[i].width / CUE_SPEECH_MOST;

		tokens[i].start = fmax(tokens[i].start, at);
		at = tokens[i].start + spoken;
		tokens[i].end = fmax(tokens[i].end, at);
	}
	for (size_t i = 0; i + 1 < count; i++)
		tokens[i].end = fmin(tokens[i].end, tokens[i + 1].start);
}

void
cue_tokens_free(CueToken *tokens, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(tokens[i].text);
	free(tokens);
}
