/*
 * platform/slug.c
 *	  A title as part of a folder's name. Nothing of it is taken over but letters and
 *	  digits, written anew.
 */
#include "platform/slug.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* From U+0430 on: the Russian alphabet in the letters that passports use. */
static const char *const cyrillic[] = {
	"a",  "b",  "v",  "g",    "d", "e", "zh", "z", "i",  "i",  "k",
	"l",  "m",  "n",  "o",    "p", "r", "s",  "t", "u",  "f",  "kh",
	"ts", "ch", "sh", "shch", "",  "y", "",   "e", "iu", "ia",
};

/* Letters for one lower-case code point; NULL for what is neither letter nor digit. */
static const char *
letters(uint32_t code, char one[2])
{
	static const struct
	{
		uint32_t first, last;
		const char *letter;
	} latin[] = {
		{0xe0,  0xe5,  "a" },
        {0xe6,  0xe6,  "ae"},
        {0xe7,  0xe7,  "c" },
        {0xe8,  0xeb,  "e" },
		{0xec,  0xef,  "i" },
        {0xf1,  0xf1,  "n" },
        {0xf2,  0xf6,  "o" },
        {0xf8,  0xf8,  "o" },
		{0xf9,  0xfc,  "u" },
        {0xfd,  0xff,  "y" },
        {0xdf,  0xdf,  "ss"},
        {0x451, 0x451, "e" },
	};

	one[0] = (char) code;
	one[1] = '\0';
	if ((code >= 'a' && code <= 'z') || (code >= '0' && code <= '9'))
		return one;
	if (code >= 0x430 && code < 0x430 + sizeof cyrillic / sizeof cyrillic[0])
		return cyrillic[code - 0x430];
	for (size_t i = 0; i < sizeof latin / sizeof latin[0]; i++)
		if (code >= latin[i].first && code <= latin[i].last)
			return latin[i].letter;
	return code == '\'' || code == 0x2019 ? "" : NULL;
}

void
slug_of(const char *title, char *slug, size_t size)
{
	size_t length = 0;
	bool gap = false;
	uint32_t code;
	char one[2];

	while ((code = utf8_next(&title)) != 0)
	{
		const char *text = letters(utf8_lower(code), one);
		size_t needed;

		if (text == NULL)
			gap = true;
		if (text == NULL || text[0] == '\0')
			continue;
		needed = strlen(text) + (gap && length > 0 ? 1 : 0);
		if (length + needed >= size)
			break;
		length += (size_t) snprintf(slug + length, size - length, "%s%s",
									gap && length > 0 ? "-" : "", text);
		gap = false;
	}
	slug[length] = '\0';
	if (length == 0)
		snprintf(slug, size, "lesson");
}
