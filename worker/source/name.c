/*
 * source/name.c
 *	  Names of recordings from what strangers wrote.
 */
#include "source/name.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

/* Blank, control character, or one that turns the line around. */
static bool
is_gap(uint32_t code)
{
	return code <= 0x20 || (code >= 0x7f && code <= 0xa0) ||
		   (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

bool
name_is_text(const char *text)
{
	while (*text != '\0')
	{
		const char *before = text;
		uint32_t code = utf8_next(&text);

		/* the sign for what is no character takes three bytes when it is meant */
		if (code < 0x20 || code == 0x7f || (code == 0xFFFD && text - before != 3))
			return false;
	}
	return true;
}

void
name_tidy(const char *text, char name[NAME_SIZE])
{
	size_t length = 0;
	bool gap = false;

	for (int count = 0; *text != '\0' && count < NAME_MOST;)
	{
		uint32_t code = utf8_next(&text);

		if (is_gap(code))
		{
			gap = length > 0;
			continue;
		}
		if (gap && ++count < NAME_MOST)
			name[length++] = ' ';
		if (count < NAME_MOST)
			length += utf8_put(code, name + length);
		gap = false;
		count++;
	}
	while (length > 0 && name[length - 1] == ' ')
		length--;
	name[length] = '\0';
}

static int
digit(char c)
{
	return isdigit((unsigned char) c)    ? c - '0'
		   : isxdigit((unsigned char) c) ? tolower((unsigned char) c) - 'a' + 10
										 : -1;
}

/* A byte of a URL: itself, or what %XX stands for; *at moves behind it. */
static char
decoded(const char **at, bool is_url)
{
	const char *c = *at;

	if (is_url && c[0] == '%' && digit(c[1]) >= 0 && digit(c[2]) >= 0 &&
		digit(c[1]) * 16 + digit(c[2]) != 0)
	{
		*at += 3;
		return (char) (digit(c[1]) * 16 + digit(c[2]));
	}
	*at += 1;
	return c[0];
}

void
name_last_part(const char *address, char name[NAME_SIZE])
{
	const char *host = strstr(address, "://");
	bool is_url = host != NULL;
	const char *end = address + (is_url ? strcspn(address, "?#") : strlen(address));
	const char *start = end;
	char raw[NAME_SIZE];
	size_t length = 0;

	while (end > address && end[-1] == '/')
		end--;
	for (start = end; start > address && start[-1] != '/'; start--)
		;
	for (const char *at = start; at < end && length + 1 < sizeof raw;)
		raw[length++] = decoded(&at, is_url);
	raw[length] = '\0';
	name_tidy(raw, name);
}

void
name_of_address(const char *address, char name[NAME_SIZE])
{
	char *dot;
	size_t suffix;

	name_last_part(address, name);
	dot = strrchr(name, '.');
	if (dot == NULL || dot == name)
		return;
	suffix = strlen(dot + 1);
	for (const char *c = dot + 1; *c != '\0'; c++)
		if (!isalnum((unsigned char) *c))
			return;
	if (suffix >= 1 && suffix <= 5)
		*dot = '\0';
}

bool
name_is_media(const char *name)
{
	static const char *const suffixes[] = {
		"mp4", "m4v",  "mov", "webm", "mkv", "avi", "ts",  "m4a", "mp3",  "ogg", "opus",
		"wav", "flac", "mpg", "mpeg", "wmv", "flv", "3gp", "mts", "m2ts", "aac"};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof suffixes / sizeof suffixes[0]; i++)
		if (strcasecmp(dot + 1, suffixes[i]) == 0)
			return true;
	return false;
}
