/*
 * rest/answer_settings.c
 *	  What functions of the database say about the answer: response.status and
 *	  response.headers.
 */
#include "rest/answer_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "rest/field.h"

/* Takes out the lines of that field. */
static void
remove_field(Buffer *fields, const char *name)
{
	CLEANUP(buffer) Buffer kept;
	size_t length = strlen(name);
	const char *line = fields->data;

	buffer_init(&kept);
	while (*line != '\0')
	{
		const char *end = strstr(line, "\r\n");
		size_t whole = end != NULL ? (size_t) (end - line) + 2 : strlen(line);

		if (strncasecmp(line, name, length) != 0 || line[length] != ':')
			buffer_append(&kept, line, whole);
		line += whole;
	}
	buffer_clear(fields);
	buffer_append(fields, kept.data, kept.length);
}

static bool
set_fields(Slice headers, RestAnswer *answer)
{
	CLEANUP(json) cJSON *json = NULL;
	const cJSON *item;

	if (!json_parse(headers.at, headers.length, "response.headers", &json, NULL) ||
		!cJSON_IsArray(json))
		return false;
	cJSON_ArrayForEach(item, json)
	{
		const cJSON *field = item->child;

		if (!cJSON_IsObject(item) || field == NULL || field->next != NULL ||
			!cJSON_IsString(field) || !field_allowed(field->string, field->valuestring))
			return false;
		remove_field(&answer->fields, field->string);
	}
	cJSON_ArrayForEach(item, json) buffer_printf(
		&answer->fields, "%s: %s\r\n", item->child->string, item->child->valuestring);
	return true;
}

static bool
set_status(Slice status, RestAnswer *answer)
{
	int number = 0;

	if (status.length != 3)
		return false;
	for (size_t i = 0; i < 3; i++)
	{
		if (!isdigit((unsigned char) status.at[i]))
			return false;
		number = number * 10 + status.at[i] - '0';
	}
	answer->status = number;
	return number >= 200 && number <= 599;
}

bool
answer_settings(const RestResult *result, RestAnswer *answer, Arena *arena,
				RestError *error)
{
	Slice headers = result->columns[REST_HEADERS];
	Slice status = result->columns[REST_STATUS];

	if (headers.at != NULL && headers.length > 0 && !set_fields(headers, answer))
		return rest_error_headers(error, arena);
	if (status.at != NULL && status.length > 0 && !set_status(status, answer))
		return rest_error_status(error, arena);
	return true;
}
