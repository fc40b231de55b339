/*
 * base/key_file.c
 *	  Files of named keys.
 */
#include "base/key_file.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/secret_file.h"

#define FILE_MOST 65536
#define NAME_MOST 63

static bool
is_name(char c)
{
	return isalnum((unsigned char) c) || strchr("_-.", c) != NULL;
}

/* What may travel in a header. */
static bool
is_key(const char *text)
{
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++)
		if (*text < 0x21 || *text > 0x7E)
			return false;
	return true;
}

static bool
read_line(char *line, cJSON *keys)
{
	char *name;
	char *key;

	if (!secret_file_line(line, &name, &key))
		return false;
	if (name == NULL)
		return true;
	if (*name == '\0' || strlen(name) > NAME_MOST || !is_key(key) ||
		cJSON_GetObjectItemCaseSensitive(keys, name) != NULL)
		return false;
	for (const char *c = name; *c != '\0'; c++)
		if (!is_name(*c))
			return false;
	cJSON_AddStringToObject(keys, name, key);
	return true;
}

static bool
read_lines(char *text, const char *option, cJSON *keys, Error *err)
{
	int number = 1;

	for (char *line = text; line != NULL; number++)
	{
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end = '\0';
		if (!read_line(line, keys))
			return error_set(err, ERROR_PERMANENT, "usage",
							 "Write name = key, each name once; # begins a comment.",
							 "line %d of %s is no key", number, option);
		line = end != NULL ? end + 1 : NULL;
	}
	return true;
}

bool
key_file_read(const char *path, const char *option, cJSON **keys, Error *err)
{
	CLEANUP(close) int fd = -1;
	char text[FILE_MOST + 1];
	ssize_t length;
	bool ok;

	*keys = NULL;
	if (!secret_file_open(path, option, &fd, err))
		return false;
	length = read(fd, text, FILE_MOST);
	if (length < 0 || length == FILE_MOST)
		return error_set(err, ERROR_PERMANENT, "usage", NULL,
						 "%s cannot be read, or has more than 64 KiB", option);
	text[length] = '\0';
	*keys = cJSON_CreateObject();
	ok = read_lines(text, option, *keys, err);
	explicit_bzero(text, sizeof text);
	if (ok)
		return true;
	cJSON_Delete(*keys);
	*keys = NULL;
	return false;
}
