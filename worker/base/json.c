/*
 * base/json.c
 *	  Reading and writing JSON by path, without surprises.
 */
#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define LARGEST_EXACT 9007199254740992.0 /* 2^53: above it a double skips whole numbers */

const cJSON *
json_at(const cJSON *object, const char *path)
{
	char name[128];

	while (object != NULL && *path != '\0')
	{
		size_t length = strcspn(path, ".");

		if (length >= sizeof name)
			return NULL;
		memcpy(name, path, length);
		name[length] = '\0';
		object = cJSON_GetObjectItemCaseSensitive(object, name);
		path += length + (path[length] == '.');
	}
	return object;
}

const char *
json_text(const cJSON *object, const char *path, const char *otherwise)
{
	const cJSON *item = json_at(object, path);

	return cJSON_IsString(item) ? item->valuestring : otherwise;
}

double
json_number(const cJSON *object, const char *path, double otherwise)
{
	const cJSON *item = json_at(object, path);

	return cJSON_IsNumber(item) ? cJSON_GetNumberValue(item) : otherwise;
}

bool
json_bool(const cJSON *object, const char *path, bool otherwise)
{
	const cJSON *item = json_at(object, path);

	return cJSON_IsBool(item) ? cJSON_IsTrue(item) : otherwise;
}

int64_t
json_int64(const cJSON *object, const char *path, int64_t otherwise)
{
	const cJSON *item = json_at(object, path);
	char *end;

	if (cJSON_IsString(item))
	{
		errno = 0;
		long long value = strtoll(item->valuestring, &end, 10);

		if (errno == 0 && end != item->valuestring && *end == '\0')
			return value;
	}
	else if (cJSON_IsNumber(item))
	{
		double value = cJSON_GetNumberValue(item);

		if (fabs(value) <= LARGEST_EXACT && value == floor(value))
			return (int64_t) value;
	}
	return otherwise;
}

bool
json_need_text(const cJSON *object, const char *path, const char *what, const char **text,
			   Error *err)
{
	*text = json_text(object, path, NULL);
	if (*text == NULL)
		return error_set(err, ERROR_PERMANENT, "bad_message",
						 "Worker and database must be of the same version.",
						 "%s has no text \"%s\"", what, path);
	return true;
}

bool
json_parse(const char *text, size_t length, const char *what, cJSON **json, Error *err)
{
	const char *end = NULL;

	*json = cJSON_ParseWithLengthOpts(text, length, &end, false);
	while (*json != NULL && end < text + length && strchr(" \t\r\n", *end) != NULL)
		end++;
	if (*json != NULL && end == text + length)
		return true;
	if (*json == NULL)
		end = cJSON_GetErrorPtr();
	cJSON_Delete(*json);
	*json = NULL;
	return error_set(err, ERROR_PERMANENT, "bad_json", HINT_BUG,
					 "%s is no JSON document (near byte %td of %zu)", what,
					 end != NULL ? end - text : 0, length);
}

char *
json_print(const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	if (text == NULL)
	{
		fputs("out of memory\n", stderr);
		abort();
	}
	return text;
}

void
json_put(cJSON *object, const char *key, cJSON *item)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
	cJSON_AddItemToObject(object, key, item);
}

void
json_add_int64(cJSON *object, const char *key, int64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long) value);
	json_put(object, key, cJSON_CreateString(text));
}

cJSON *
json_of_error(const Error *err)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "class", error_class_name(err->class));
	cJSON_AddStringToObject(json, "code", err->code);
	cJSON_AddStringToObject(json, "message", err->message);
	cJSON_AddStringToObject(json, "hint", err->hint);
	cJSON_AddNumberToObject(json, "retry_after", err->retry_after);
	if (err->status != 0)
		cJSON_AddNumberToObject(json, "status", err->status);
	return json;
}

void
json_to_error(const cJSON *json, Error *err)
{
	(void) error_set(err, error_class_of(json_text(json, "class", "permanent")),
					 json_text(json, "code", "unknown"), json_text(json, "hint", NULL),
					 "%s", json_text(json, "message", "no message was given"));
	err->retry_after = json_number(json, "retry_after", 0);
	err->status = (int) json_number(json, "status", 0);
}
