/*
 * outline/title.c
 *	  Texts of an outline as they may be shown.
 */
#include "outline/title.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

/* What steers a terminal, a browser or the direction of writing has no place in a text. */
static bool
is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x00AD ||
		   (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
		   (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || code == 0xFFFD;
}

static bool
is_blank(uint32_t code)
{
	return code == ' ' || code == '\t' || code == '\n' || code == '\r' || code == 0xA0 ||
		   code == 0x2028 || code == 0x2029;
}

/* On one line, blanks single and none at the ends. */
static void
put_line(const char *text, Buffer *line)
{
	uint32_t code;
	bool blank = false;

	while ((code = utf8_next(&text)) != 0)
	{
		char bytes[4];

		if (is_blank(code))
			blank = line->length > 0;
		if (is_blank(code) || is_control(code))
			continue;
		if (blank)
			buffer_puts(line, " ");
		blank = false;
		buffer_append(line, bytes, utf8_put(code, bytes));
	}
}

static bool
take_front(Buffer *text, const char *mark)
{
	size_t length = strlen(mark);

	if (text->length <= length || memcmp(text->data, mark, length) != 0)
		return false;
	buffer_consume(text, length);
	return true;
}

static bool
take_back(Buffer *text, const char *mark)
{
	size_t length = strlen(mark);

	if (text->length <= length ||
		memcmp(text->data + text->length - length, mark, length) != 0)
		return false;
	text->length -= length;
	text->data[text->length] = '\0';
	return true;
}

/* Marks that models put around what they list. */
static void
strip(Buffer *text, bool of_title)
{
	static const char *const front[] = {"- ", "– ", "— ", "* ", "• ",
										"# ", "#",  "**", " "};
	static const char *const back[] = {"**", " "};
	static const char *const pairs[][2] = {
		{"\"",  "\"" },
        {"«",  "»" },
        {"“", "”"}
    };
	bool more = true;

	while (more)
	{
		more = false;
		for (size_t i = 0; i < sizeof front / sizeof front[0]; i++)
			more |= take_front(text, front[i]);
		for (size_t i = 0; i < sizeof back / sizeof back[0]; i++)
			more |= take_back(text, back[i]);
		for (size_t i = 0; of_title && i < sizeof pairs / sizeof pairs[0]; i++)
			if (take_back(text, pairs[i][1]))
			{
				if (take_front(text, pairs[i][0]))
					more = true;
				else
					buffer_puts(text, pairs[i][1]);
			}
	}
	if (of_title && text->length > 3 && strcmp(text->data + text->length - 3, "...") != 0)
		(void) take_back(text, ".");
}

static void
cut(Buffer *text, size_t most)
{
	const char *at = text->data;
	size_t count = 0;
	size_t kept = 0;  /* all that fits beside the mark */
	size_t words = 0; /* ... up to the end of a word */

	while (*at != '\0' && count < most)
	{
		if (count < most - 1)
		{
			kept = (size_t) (at - text->data);
			if (*at == ' ')
				words = kept;
		}
		(void) utf8_next(&at);
		count++;
	}
	if (*at == '\0')
		return;
	text->length = words * 2 > kept ? words : kept;
	text->data[text->length] = '\0';
	buffer_puts(text, "…");
}

void
title_clean(const char *text, size_t most, bool of_title, Buffer *clean)
{
	buffer_clear(clean);
	put_line(text, clean);
	strip(clean, of_title);
	cut(clean, most);
}

/* The next letter or digit in lower case; 0 at the end. */
static uint32_t
next_sign(const char **text)
{
	uint32_t code;

	while ((code = utf8_next(text)) != 0)
	{
		code = utf8_lower(code);
		if ((code >= 'a' && code <= 'z') || (code >= '0' && code <= '9') || code >= 0xC0)
			return code == 0x451 ? 0x435 : code;
	}
	return 0;
}

bool
title_same(const char *left, const char *right)
{
	uint32_t code;

	do
	{
		code = next_sign(&left);
		if (code != next_sign(&right))
			return false;
	} while (code != 0);
	return true;
}
