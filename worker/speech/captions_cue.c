/*
 * speech/captions_cue.c
 *	  The lines of caption files.
 */
#include "speech/captions_cue.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "speech/captions_read.h"

#define LONGEST_TAG    200
#define LONGEST_ENTITY 10

/* A place in a line. */
typedef struct Cursor
{
	const char *at;
	const char *end;
} Cursor;

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f' || c == '\v' || c == '\0';
}

static void
skip_blanks(Cursor *in)
{
	while (in->at < in->end && is_blank(*in->at))
		in->at++;
}

/* A number of at most `most` digits; -1: none. */
static int
read_digits(Cursor *in, int most)
{
	int value = 0;
	int digits = 0;

	while (in->at < in->end && isdigit((unsigned char) *in->at))
	{
		if (++digits > most)
			return -1;
		value = value * 10 + (*in->at++ - '0');
	}
	return digits > 0 ? value : -1;
}

static bool
take(Cursor *in, char c)
{
	if (in->at >= in->end || *in->at != c)
		return false;
	in->at++;
	return true;
}

/* [hours:]minutes:seconds[.,]decimals */
static bool
read_time(Cursor *in, double *seconds)
{
	int parts[3] = {0, 0, 0};
	int count = 0;
	double unit = 0.1;

	do
	{
		if (count == 3 || (parts[count] = read_digits(in, 6)) < 0)
			return false;
		count++;
	} while (take(in, ':'));
	if (count < 2)
		return false;
	*seconds = 0;
	for (int i = 0; i < count; i++)
		*seconds = *seconds * 60 + parts[i];
	if (!take(in, '.') && !take(in, ','))
		return *seconds <= CAPTIONS_MOST_SECONDS;
	for (; in->at < in->end && isdigit((unsigned char) *in->at); unit /= 10)
		*seconds += unit * (*in->at++ - '0');
	return *seconds <= CAPTIONS_MOST_SECONDS;
}

bool
caption_times(CaptionLine line, double *start, double *end)
{
	Cursor in = {line.text, line.text + line.length};

	skip_blanks(&in);
	if (!read_time(&in, start))
		return false;
	skip_blanks(&in);
	for (const char *arrow = "-->"; *arrow != '\0'; arrow++)
		if (!take(&in, *arrow))
			return false;
	skip_blanks(&in);
	return read_time(&in, end) && *end > *start;
}

/* <v Ann>, </c>, <00:01.500>, {\an8}: true, and the cursor behind it. */
static bool
take_tag(Cursor *in, double *time)
{
	const char *at = in->at;
	char closing = *at == '<' ? '>' : '}';
	const char *end;
	Cursor inside;

	*time = -1;
	if ((*at != '<' && *at != '{') || in->end - at < 3)
		return false;
	if (*at == '{' ? at[1] != '\\' : !isalnum((unsigned char) at[1]) && at[1] != '/')
		return false;
	end = memchr(at, closing,
				 (size_t) (in->end - at) < LONGEST_TAG ? (size_t) (in->end - at)
													   : LONGEST_TAG);
	if (end == NULL)
		return false;
	inside = (Cursor){at + 1, end};
	if (isdigit((unsigned char) at[1]) &&
		(!read_time(&inside, time) || inside.at != inside.end))
	{
		*time = -1;
		return false;
	}
	in->at = end + 1;
	return true;
}

static const struct
{
	const char *name;
	const char *text;
} entities[] = {
	{"amp;",  "&" },
    {"lt;",   "<" },
    {"gt;",   ">" },
    {"nbsp;", " " },
	{"lrm;",  ""  },
    {"rlm;",  ""  },
    {"quot;", "\""},
    {"apos;", "'" },
};

/* The code point of "#39;" or "#x27;"; 0: none. */
static uint32_t
read_number(const char *text, size_t length, size_t *used)
{
	bool hex = length > 1 && (text[1] == 'x' || text[1] == 'X');
	uint32_t code = 0;

	for (*used = hex ? 2 : 1; *used < length && *used < LONGEST_ENTITY; (*used)++)
	{
		unsigned char c = (unsigned char) text[*used];

		if (c == ';')
		{
			(*used)++;
			return code > ' ' && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF)
					   ? code
					   : ' ';
		}
		if (!(hex ? isxdigit(c) : isdigit(c)))
			return 0;
		code = code * (hex ? 16 : 10) +
			   (uint32_t) (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
		if (code > 0x10FFFF)
			code = 0x110000;
	}
	return 0;
}

/* Takes an entity and appends what it stands for. */
static bool
take_entity(Cursor *in, Buffer *text)
{
	size_t length = (size_t) (in->end - in->at) - 1;
	const char *name = in->at + 1;
	char bytes[4];
	size_t used;
	uint32_t code;

	for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
	{
		size_t size = strlen(entities[i].name);

		if (size <= length && memcmp(name, entities[i].name, size) == 0)
		{
			buffer_puts(text, entities[i].text);
			in->at += size + 1;
			return true;
		}
	}
	if (length == 0 || *name != '#')
		return false;
	code = read_number(name, length, &used);
	if (code == 0)
		return false;
	buffer_append(text, bytes, utf8_put(code, bytes));
	in->at += used + 1;
	return true;
}

/* The text without markup; a time becomes '\1', its digits and '\2'. */
static void
strip(CaptionLine line, Buffer *text)
{
	Cursor in = {line.text, line.text + line.length};
	double time;

	while (in.at < in.end)
	{
		unsigned char c = (unsigned char) *in.at;

		if (take_tag(&in, &time))
		{
			if (time >= 0)
				buffer_printf(text, "\1%.3f\2", time);
			continue;
		}
		if (c == '&' && take_entity(&in, text))
			continue;
		buffer_append(text, c < ' ' || c == 0x7F ? " " : in.at, 1);
		in.at++;
	}
}

/* Nothing is said: [music], (applause), notes. */
static bool
is_sound(const char *text)
{
	size_t length;

	while (is_blank(*text) && *text != '\0')
		text++;
	length = strlen(text);
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	if (length > 1 && *text == '[' && memchr(text, ']', length) == text + length - 1)
		return true;
	if (length > 1 && *text == '(' && memchr(text, ')', length) == text + length - 1)
		return true;
	return length >= 3 && strspn(text, "\xE2\x99\xAA\xAB \t") >= length;
}

/* "-" and ">>" before what a speaker says. */
static bool
is_mark(const char *word, size_t length)
{
	return strspn(word, "->") >= length;
}

void
caption_words(CaptionLine line, Buffer *words)
{
	Buffer text;
	const char *at;

	buffer_init(&text);
	strip(line, &text);
	at = text.length > 0 && !is_sound(text.data) ? text.data : "";
	while (*at != '\0')
	{
		size_t length = strcspn(at, " \1");

		if (*at == '\1')
		{
			length = strcspn(at, "\2");
			buffer_append(words, at, length);
			buffer_append(words, "", 1);
			at += length + (at[length] == '\2');
			continue;
		}
		if (length > 0 && !is_mark(at, length))
		{
			buffer_append(words, at, length);
			buffer_append(words, "", 1);
		}
		at += length + (at[length] == ' ');
	}
	buffer_free(&text);
}
