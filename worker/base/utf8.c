/*
 * base/utf8.c
 *	  Decoding UTF-8 and counting visible characters, independent of the locale.
 *
 * The ranges are those that matter for subtitles (Unicode 15: combining blocks, marks of
 * Hebrew, Arabic, Devanagari and Thai, joiners, East Asian wide blocks, emoji), not the whole
 * of UAX 29: a rare script may count a little too long, never too short.
 */
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

#define REPLACEMENT 0xFFFDu
#define JOINER      0x200Du

typedef struct Range
{
	uint32_t first;
	uint32_t last;
} Range;

/* drawn over or together with the character before */
static const Range attached[] = {
	{0x0300,  0x036F },
    {0x0483,  0x0489 },
    {0x0591,  0x05BD },
    {0x05BF,  0x05BF },
	{0x05C1,  0x05C2 },
    {0x05C4,  0x05C5 },
    {0x05C7,  0x05C7 },
    {0x0610,  0x061A },
	{0x064B,  0x065F },
    {0x0670,  0x0670 },
    {0x06D6,  0x06DC },
    {0x06DF,  0x06E4 },
	{0x06E7,  0x06E8 },
    {0x06EA,  0x06ED },
    {0x0900,  0x0903 },
    {0x093A,  0x093C },
	{0x093E,  0x094F },
    {0x0955,  0x0957 },
    {0x0962,  0x0963 },
    {0x0E31,  0x0E31 },
	{0x0E34,  0x0E3A },
    {0x0E47,  0x0E4E },
    {0x1160,  0x11FF },
    {0x1AB0,  0x1AFF },
	{0x1DC0,  0x1DFF },
    {0x200B,  0x200F },
    {0x202A,  0x202E },
    {0x2060,  0x206F },
	{0x20D0,  0x20FF },
    {0x302A,  0x302F },
    {0x3099,  0x309A },
    {0xFE00,  0xFE0F },
	{0xFE20,  0xFE2F },
    {0xFEFF,  0xFEFF },
    {0x1F3FB, 0x1F3FF},
    {0xE0020, 0xE007F},
	{0xE0100, 0xE01EF},
};

static const Range wide[] = {
	{0x1100,  0x115F },
    {0x2E80,  0x303E },
    {0x3041,  0xA4CF },
    {0xAC00,  0xD7A3 },
	{0xF900,  0xFAFF },
    {0xFE30,  0xFE6F },
    {0xFF00,  0xFF60 },
    {0xFFE0,  0xFFE6 },
	{0x1F1E6, 0x1F1FF},
    {0x1F300, 0x1FAFF},
    {0x20000, 0x3FFFD},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static bool
in_ranges(const Range *ranges, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count && ranges[i].first <= code; i++)
		if (code <= ranges[i].last)
			return true;
	return false;
}

uint32_t
utf8_next(const char **text)
{
	static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
	const unsigned char *at = (const unsigned char *) *text;
	size_t more = at[0] < 0x80 ? 0 : at[0] < 0xE0 ? 1 : at[0] < 0xF0 ? 2 : 3;
	uint32_t code = more == 0 ? at[0] : at[0] & (0x3Fu >> more);
	bool good = at[0] < 0x80 || (at[0] >= 0xC2 && at[0] <= 0xF4);

	if (at[0] == 0)
		return 0;
	for (size_t i = 1; good && i <= more; i++)
	{
		good = (at[i] & 0xC0) == 0x80;
		code = code << 6 | (at[i] & 0x3Fu);
	}
	if (!good || code < smallest[more] || code > 0x10FFFF ||
		(code >= 0xD800 && code <= 0xDFFF))
	{
		*text += 1;
		return REPLACEMENT;
	}
	*text += more + 1;
	return code;
}

const char *
utf8_character_end(const char *text)
{
	uint32_t before = utf8_next(&text);

	for (;;)
	{
		const char *end = text;
		uint32_t code = utf8_next(&text);

		if (code == 0 ||
			(!in_ranges(attached, LENGTH(attached), code) && before != JOINER))
			return end;
		before = code;
	}
}

size_t
utf8_width_of(const char *text, size_t bytes)
{
	const char *end = text + bytes;
	size_t width = 0;

	while (text < end && *text != '\0')
	{
		const char *peek = text;

		width += in_ranges(wide, LENGTH(wide), utf8_next(&peek)) ? 2 : 1;
		text = utf8_character_end(text);
	}
	return width;
}

size_t
utf8_width(const char *text)
{
	return utf8_width_of(text, strlen(text));
}

size_t
utf8_put(uint32_t code, char *at)
{
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
	size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = length; i-- > 1; code >>= 6)
		at[i] = (char) (0x80 | (code & 0x3F));
	at[0] = (char) (lead[length] | code);
	return length;
}

void
utf8_line(const char *text, char *line, size_t size)
{
	size_t length = 0;
	uint32_t code;

	while (length + 4 < size && (code = utf8_next(&text)) != 0)
		length += utf8_put(code < ' ' || code == 0x7F ? ' ' : code, line + length);
	line[length] = '\0';
}

uint32_t
utf8_lower(uint32_t code)
{
	if ((code >= 'A' && code <= 'Z') || (code >= 0xC0 && code <= 0xDE && code != 0xD7) ||
		(code >= 0x0410 && code <= 0x042F))
		return code + 0x20;
	if (code >= 0x0400 && code <= 0x040F)
		return code + 0x50;
	return code;
}

uint32_t
utf8_upper(uint32_t code)
{
	if ((code >= 'a' && code <= 'z') || (code >= 0xE0 && code <= 0xFE && code != 0xF7) ||
		(code >= 0x0430 && code <= 0x044F))
		return code - 0x20;
	if (code >= 0x0450 && code <= 0x045F)
		return code - 0x50;
	return code;
}
