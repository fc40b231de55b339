/*
 * gate/settings.c
 *	  Reading the settings of a server.
 */
#include "gate/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/buffer.h"
#include "base/cleanup.h"

#define KEY_FILE_MOST 65536
#define MOST_SCHEMAS  32

const char *
gate_quote(Arena *arena, const char *name)
{
	char *quoted = arena_take(arena, 2 * strlen(name) + 3);
	char *at = quoted;

	*at++ = '"';
	for (; *name != '\0'; name++)
	{
		if (*name == '"')
			*at++ = '"';
		*at++ = *name;
	}
	*at = '"';
	return quoted;
}

/* An element of an array's text: quotes and backslashes escaped. */
static const char *
array_element(Arena *arena, const char *name)
{
	char *text = arena_take(arena, 2 * strlen(name) + 3);
	char *at = text;

	*at++ = '"';
	for (; *name != '\0'; name++)
	{
		if (*name == '"' || *name == '\\')
			*at++ = '\\';
		*at++ = *name;
	}
	*at = '"';
	return text;
}

/* Parts a comma-separated list. */
static const char **
read_names(Arena *arena, const char *list, size_t *count)
{
	const char **names = arena_take(arena, MOST_SCHEMAS * sizeof *names);
	char *rest = arena_text(arena, list);
	char *word;

	*count = 0;
	while (*count < MOST_SCHEMAS && (word = strtok_r(rest, ",", &rest)) != NULL)
	{
		size_t length;

		word += strspn(word, " \t");
		length = strlen(word);
		while (length > 0 && strchr(" \t", word[length - 1]) != NULL)
			length--;
		if (length > 0)
			names[(*count)++] = arena_copy(arena, word, length);
	}
	return names;
}

static const char *
array_of(Arena *arena, const char *const *names, size_t count)
{
	const char *text = "{";

	for (size_t i = 0; i < count; i++)
		text = arena_printf(arena, "%s%s%s", text, i > 0 ? "," : "",
							array_element(arena, names[i]));
	return arena_printf(arena, "%s}", text);
}

/* "schema.name" as a call. */
static bool
read_pre_request(GateSettings *settings, const char *name, Error *err)
{
	const char *dot = strchr(name, '.');

	if (name[0] == '\0')
		return true;
	if (dot == NULL || dot == name || dot[1] == '\0')
		return error_set(err, ERROR_PERMANENT, "usage", "Write it as schema.name.",
						 "--pre-request: \"%.60s\" names no schema", name);
	settings->pre_request =
		arena_printf(&settings->arena, "SELECT %s.%s()",
					 gate_quote(&settings->arena, arena_copy(&settings->arena, name,
															 (size_t) (dot - name))),
					 gate_quote(&settings->arena, dot + 1));
	return true;
}

static void
read_rest(GateSettings *settings, const Options *options)
{
	const char *end = option_text(options, OPTION_TRANSACTION_END);
	const char *openapi = option_text(options, OPTION_OPENAPI_MODE);
	const char *uri = option_text(options, OPTION_PUBLIC_URI);
	RestConfig *rest = &settings->rest;

	rest->max_rows = (int64_t) option_number(options, OPTION_MAX_ROWS);
	rest->filtered = strcmp(option_text(options, OPTION_UNFILTERED), "refuse") == 0;
	rest->openapi = openapi[0] == 'f'   ? OPENAPI_FOLLOW_PRIVILEGES
					: openapi[0] == 'i' ? OPENAPI_IGNORE_PRIVILEGES
										: OPENAPI_DISABLED;
	rest->end_preferred = strstr(end, "-allow") != NULL;
	rest->end_rollback = end[0] == 'r';
	rest->public_uri = uri[0] != '\0' ? uri : NULL;
}

static bool
read_schemas(GateSettings *settings, const Options *options, Error *err)
{
	Arena *arena = &settings->arena;
	const char **extra;
	size_t extra_count;

	settings->rest.schemas = read_names(arena, option_text(options, OPTION_SCHEMAS),
										&settings->rest.schema_count);
	if (settings->rest.schema_count == 0)
		return error_set(err, ERROR_PERMANENT, "usage", NULL,
						 "--schemas names no schema");
	settings->schemas_array =
		array_of(arena, settings->rest.schemas, settings->rest.schema_count);
	extra =
		read_names(arena, option_text(options, OPTION_EXTRA_SEARCH_PATH), &extra_count);
	settings->extra_array = array_of(arena, extra, extra_count);
	settings->search_path_tail = "";
	for (size_t i = 0; i < extra_count; i++)
		settings->search_path_tail = arena_printf(
			arena, "%s, %s", settings->search_path_tail, gate_quote(arena, extra[i]));
	return true;
}

static LimitRule
read_limit(const Options *options, OptionId id)
{
	LimitRule rule = {.per_minute = (unsigned) option_number(options, id)};

	rule.burst = rule.per_minute / 10 > 0 ? rule.per_minute / 10 : 1;
	return rule;
}

bool
gate_settings_read(GateSettings *settings, const Options *options, Error *err)
{
	const char *anon = option_text(options, OPTION_ANON_ROLE);

	*settings = (GateSettings){.options = options};
	settings->anon_role = anon[0] != '\0' ? anon : NULL;
	settings->audience = option_text(options, OPTION_JWT_AUDIENCE);
	settings->user_limit = read_limit(options, OPTION_RATE_LIMIT);
	settings->address_limit = read_limit(options, OPTION_ADDRESS_RATE_LIMIT);
	settings->file_links =
		strcmp(option_text(options, OPTION_FILE_LINKS), "redirect") == 0;
	settings->link_seconds = (long) option_number(options, OPTION_FILE_LINK_SECONDS);
	settings->body_limit = (size_t) option_number(options, OPTION_BODY_LIMIT);
	read_rest(settings, options);
	return read_schemas(settings, options, err) &&
		   read_pre_request(settings, option_text(options, OPTION_PRE_REQUEST), err) &&
		   proxies_read(option_text(options, OPTION_TRUSTED_PROXIES), &settings->proxies,
						err);
}

void
gate_settings_free(GateSettings *settings)
{
	proxies_free(settings->proxies);
	arena_free(&settings->arena);
}

static bool
read_file(const char *path, char bytes[KEY_FILE_MOST], size_t *length, Error *err)
{
	CLEANUP(close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	*length = 0;
	if (fd < 0)
		return error_errno(err, "usage", "cannot read %.200s", path);
	while (*length < KEY_FILE_MOST &&
		   (got = read(fd, bytes + *length, KEY_FILE_MOST - *length)) > 0)
		*length += (size_t) got;
	return true;
}

bool
gate_settings_keys(const GateSettings *settings, JwtKeys **keys, Error *err)
{
	const char *secret = option_text(settings->options, OPTION_JWT_SECRET_FILE);
	const char *set = option_text(settings->options, OPTION_JWKS_FILE);
	char bytes[KEY_FILE_MOST];
	size_t length;
	bool ok = true;

	*keys = jwt_keys_new();
	if (secret[0] != '\0')
	{
		ok = read_file(secret, bytes, &length, err);
		while (length > 0 && strchr(" \t\r\n", bytes[length - 1]) != NULL)
			length--;
		ok = ok && jwt_keys_add_secret(*keys, NULL, bytes, length, err);
	}
	if (ok && set[0] != '\0')
		ok = read_file(set, bytes, &length, err) &&
			 jwt_keys_add_set(*keys, bytes, length, true, err);
	OPENSSL_cleanse(bytes, sizeof bytes);
	return ok;
}
