/*
 * render_text.c
 *	  Lengths of texts in the units people and platforms count in, and cutting them.
 */
#include "render_text.h"

#include <string.h>

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

#define ZERO_WIDTH_JOINER 0x200d
#define NAME_MOST         63 /* longer names are like none */

const char *const text_unit_names[TEXT_UNITS] = {
	[TEXT_CHARS] = "chars",
	[TEXT_BYTES] = "bytes",
	[TEXT_UTF16] = "utf16",
};

/* How many bytes the character has that begins with this one; 0: none begins so. */
static size_t
sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

uint32_t
text_next(const char *text, size_t length, size_t *at)
{
	unsigned char first = (unsigned char) text[*at];
	size_t bytes = sequence_length(first);
	uint32_t character;

	(*at)++;
	if (bytes < 2 || bytes - 1 > length - *at)
		return first;
	character = first & (0x7fU >> bytes);
	for (size_t i = 0; i < bytes - 1; i++)
	{
		unsigned char byte = (unsigned char) text[*at + i];

		if ((byte & 0xc0) != 0x80)
			return first;
		character = character << 6 | (byte & 0x3f);
	}
	*at += bytes - 1;
	return character;
}

static size_t
units_of(uint32_t character, size_t bytes, TextUnit unit)
{
	if (unit == TEXT_BYTES)
		return bytes;
	return unit == TEXT_UTF16 && character > 0xffff ? 2 : 1;
}

size_t
text_size(const char *text, size_t length, TextUnit unit)
{
	size_t size = 0;

	for (size_t at = 0; at < length;)
	{
		size_t start = at;
		uint32_t character = text_next(text, length, &at);

		size += units_of(character, at - start, unit);
	}
	return size;
}

bool
text_is_space(uint32_t character)
{
	return character == ' ' || (character >= '\t' && character <= '\r') ||
		   character == 0x85 || character == 0xa0 ||
		   (character >= 0x2000 && character <= 0x200a) || character == 0x2028 ||
		   character == 0x2029 || character == 0x202f || character == 0x205f ||
		   character == 0x3000;
}

/* Marks, variations and colours that belong to the character before them. */
static bool
extends(uint32_t character)
{
	static const struct
	{
		uint32_t first, last;
	} ranges[] = {
		{0x300,             0x36f            },
        {0x483,             0x489            },
		{0x591,             0x5bd            },
        {0x610,             0x61a            },
		{0x64b,             0x65f            },
        {0x900,             0x903            },
		{0x93a,             0x94f            },
        {0x1ab0,            0x1aff           },
		{0x1dc0,            0x1dff           },
        {ZERO_WIDTH_JOINER, ZERO_WIDTH_JOINER},
		{0x20d0,            0x20ff           },
        {0x3099,            0x309a           },
		{0xfe00,            0xfe0f           },
        {0xfe20,            0xfe2f           },
		{0x1f3fb,           0x1f3ff          },
        {0xe0020,           0xe007f          },
		{0xe0100,           0xe01ef          },
	};

	for (size_t i = 0; i < lengthof(ranges); i++)
		if (character >= ranges[i].first && character <= ranges[i].last)
			return true;
	return false;
}

static bool
is_flag_letter(uint32_t character)
{
	return character >= 0x1f1e6 && character <= 0x1f1ff;
}

/* Whether one thing seen ends between two characters; `letters` is how many letters of flags
 * stand directly before. */
static bool
parts(uint32_t before, uint32_t after, size_t letters)
{
	if (extends(after) || before == ZERO_WIDTH_JOINER ||
		(before == '\r' && after == '\n'))
		return false;
	return !(is_flag_letter(after) && letters % 2 == 1);
}

/* Without the blanks, commas, dashes and opened brackets that `end` leaves at the end. */
static size_t
trim_cut(const char *text, size_t end)
{
	while (end > 0)
	{
		size_t start = end - 1;
		size_t at;
		uint32_t last;

		while (start > 0 && ((unsigned char) text[start] & 0xc0) == 0x80)
			start--;
		at = start;
		last = text_next(text, end, &at);
		if (at != end || !(text_is_space(last) || last == 0x2013 || last == 0x2014 ||
						   (last < 0x80 && strchr(",;:-|/([{", (int) last) != NULL)))
			return end;
		end = start;
	}
	return 0;
}

size_t
text_fit(const char *text, size_t length, size_t most, TextUnit unit, size_t ending)
{
	size_t room = ending < most ? most - ending : 0;
	size_t used = 0;
	size_t cut = 0;
	size_t word = 0;
	size_t letters = 0;
	uint32_t before = 0;

	for (size_t at = 0; at < length;)
	{
		size_t start = at;
		uint32_t character = text_next(text, length, &at);

		if (used <= room && parts(before, character, letters))
		{
			cut = start;
			if (text_is_space(character))
				word = start;
		}
		used += units_of(character, at - start, unit);
		if (used > most)
		{
			size_t kept = trim_cut(text, word * 2 >= cut ? word : cut);

			return kept > 0 ? kept : cut;
		}
		letters = is_flag_letter(character) ? letters + 1 : 0;
		before = character;
	}
	return length;
}

static char
lower_letter(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char) (letter + 'a' - 'A') : letter;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters must be changed, added or taken away to make one name of the other. */
static size_t
distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t row[NAME_MOST + 1];

	for (size_t j = 0; j <= b_length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_length; i++)
	{
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++)
		{
			size_t same = lower_letter(a[i - 1]) == lower_letter(b[j - 1]) ? 0 : 1;
			size_t changed = diagonal + same;

			diagonal = row[j];
			row[j] = least(changed, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[b_length];
}

const char *
text_nearest(const char *name, size_t length, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	size_t best = length / 4 + 2;

	if (length == 0 || length > NAME_MOST)
		return NULL;
	for (size_t i = 0; i < count; i++)
	{
		size_t other = strlen(names[i]);
		size_t far = other <= NAME_MOST ? distance(name, length, names[i], other) : best;

		if (far < best)
		{
			best = far;
			nearest = names[i];
		}
	}
	return nearest;
}
