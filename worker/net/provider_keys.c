/*
 * net/provider_keys.c
 *	  Reading and handing on the keys of providers.
 */
#include "net/provider_keys.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
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

/* The text without blanks around it; it is changed. */
static char *
trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
		text[--length] = '\0';
	return text;
}

static bool
read_line(char *line, cJSON *keys)
{
	char *equals;
	char *name = trim(line);
	char *key;

	if (*name == '\0' || *name == '#')
		return true;
	equals = strchr(name, '=');
	if (equals == NULL)
		return false;
	*equals = '\0';
	key = trim(equals + 1);
	name = trim(name);
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
read_lines(char *text, cJSON *keys, Error *err)
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
							 "line %d of --provider-keys is no key of a provider",
							 number);
		line = end != NULL ? end + 1 : NULL;
	}
	return true;
}

bool
provider_keys_read(const Options *options, cJSON **keys, Error *err)
{
	const char *path = option_text(options, OPTION_PROVIDER_KEYS);
	CLEANUP(close) int fd = -1;
	char text[FILE_MOST + 1];
	ssize_t length;
	bool ok;

	*keys = NULL;
	if (path[0] == '\0')
		return true;
	if (!secret_file_open(path, "--provider-keys", &fd, err))
		return false;
	length = read(fd, text, FILE_MOST);
	if (length < 0 || length == FILE_MOST)
		return error_set(err, ERROR_PERMANENT, "usage", NULL,
						 "--provider-keys cannot be read, or has more than 64 KiB");
	text[length] = '\0';
	*keys = cJSON_CreateObject();
	ok = read_lines(text, *keys, err);
	explicit_bzero(text, sizeof text);
	if (ok)
		return true;
	cJSON_Delete(*keys);
	*keys = NULL;
	return false;
}

cJSON *
provider_keys_of(const cJSON *keys, const cJSON *input)
{
	const cJSON *provider;
	cJSON *some = cJSON_CreateObject();

	cJSON_ArrayForEach(provider, json_at(input, "providers"))
	{
		const char *name = json_text(provider, "name", "");
		const cJSON *key = cJSON_GetObjectItemCaseSensitive(keys, name);

		if (key != NULL)
			json_put(some, name, cJSON_Duplicate(key, true));
	}
	if (some->child != NULL)
		return some;
	cJSON_Delete(some);
	return NULL;
}
