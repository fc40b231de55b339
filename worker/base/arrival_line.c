/*
 * base/arrival_line.c
 *	  Lines about a file that arrives.
 */
#include "base/arrival_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct
{
	const char *text;
	int numbers;
} words[] = {
	[ARRIVAL_SIZE] = {"size", 1},
	[ARRIVAL_HAVE] = {"have", 2},
	[ARRIVAL_END] = {"end",  1},
	[ARRIVAL_WANT] = {"want", 1},
};

#define WORDS (sizeof words / sizeof words[0])

/* Reads " 123" at *text; false when it is no whole number of 63 bits. */
static bool
read_number(const char **text, const char *end, int64_t *number)
{
	const char *at = *text;
	int64_t value = 0;

	if (end - at < 2 || *at++ != ' ')
		return false;
	for (; at < end && *at >= '0' && *at <= '9'; at++)
	{
		if (value > (INT64_MAX - (*at - '0')) / 10)
			return false;
		value = value * 10 + (*at - '0');
	}
	if (at == *text + 1)
		return false;
	*text = at;
	*number = value;
	return true;
}

bool
arrival_line_read(const char *text, size_t length, ArrivalLine *line)
{
	const char *end = text + length;

	if (length > 0 && end[-1] == '\n')
		end--;
	for (size_t i = 0; i < WORDS; i++)
	{
		size_t word = strlen(words[i].text);

		if ((size_t) (end - text) < word || memcmp(text, words[i].text, word) != 0)
			continue;
		text += word;
		*line = (ArrivalLine){.word = (ArrivalWord) i};
		return read_number(&text, end, &line->first) &&
			   (words[i].numbers == 1 ||
				(read_number(&text, end, &line->second) && line->first < line->second)) &&
			   text == end;
	}
	return false;
}

size_t
arrival_line_write(const ArrivalLine *line, char text[ARRIVAL_LINE_SIZE])
{
	int length;

	if (words[line->word].numbers == 2)
		length = snprintf(text, ARRIVAL_LINE_SIZE, "%s %" PRId64 " %" PRId64 "\n",
						  words[line->word].text, line->first, line->second);
	else
		length = snprintf(text, ARRIVAL_LINE_SIZE, "%s %" PRId64 "\n",
						  words[line->word].text, line->first);
	return (size_t) length;
}
