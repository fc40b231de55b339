/*
 * source/entries.c
 *	  Which form a list of links has.
 */
#include "source/entries.h"

#include <string.h>
#include <strings.h>

static bool
begins_with(const char *text, size_t length, const char *word)
{
	return length >= strlen(word) && strncasecmp(text, word, strlen(word)) == 0;
}

static bool
is_web_page(const char *text, size_t length)
{
	return begins_with(text, length, "<!doctype html") ||
		   begins_with(text, length, "<html") || begins_with(text, length, "<head") ||
		   begins_with(text, length, "<body");
}

bool
entries_read(const char *text, size_t length, const EntryReader *reader, Error *err)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (length >= 3 && memcmp(text, mark, 3) == 0)
	{
		text += 3;
		length -= 3;
	}
	while (length > 0 && strchr(" \t\r\n", *text) != NULL && *text != '\0')
	{
		text++;
		length--;
	}
	if (length == 0)
		return true;
	if (is_web_page(text, length))
		return error_set(
			err, ERROR_INPUT, "html_instead_of_list",
			"Give the address of the list itself: a feed, JSON, CSV or text.",
			"the address gives a web page instead of a list");
	if (*text == '<')
		return entries_read_feed(text, length, reader, err);
	if (*text == '[' || *text == '{')
		return entries_read_json(text, length, reader, err);
	if (memchr(text, '\0', length) != NULL)
		return error_set(err, ERROR_INPUT, "bad_list",
						 "A list is a feed, JSON, CSV or text in UTF-8.",
						 "the list is no text");
	return entries_read_text(text, length, reader, err);
}
