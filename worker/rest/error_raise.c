/*
 * rest/error_raise.c
 *	  Errors of the database, and what SQL may ask for with them.
 *
 * RAISE SQLSTATE 'PTnnn' names the status, its message is the reason phrase too. RAISE SQLSTATE
 * 'PGRST' says everything: MESSAGE is a JSON object of code, message, details and hint, DETAIL
 * one of status, status_text and headers.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "rest/error.h"
#include "rest/field.h"

#define MESSAGE_HINT                                                             \
	"MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and " \
	"optional "                                                                  \
	"keys: 'details', 'hint'."
#define DETAIL_HINT                                                               \
	"DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and " \
	"optional "                                                                   \
	"key: 'status_text'."

static void
bad_raise(RestError *error, Arena *arena, const char *details, const char *hint)
{
	(void) rest_error(error, arena, "PGRST121", details, hint,
					  "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error");
}

static const char *
text_at(Arena *arena, const cJSON *object, const char *key)
{
	const char *text =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

	return text != NULL ? arena_text(arena, text) : NULL;
}

/* {"Name": "value", ...}; false when there is something else, or nothing that may be sent. */
static bool
read_fields(Arena *arena, const cJSON *headers, const char **fields)
{
	CLEANUP(buffer) Buffer text;
	const cJSON *item;

	buffer_init(&text);
	if (!cJSON_IsObject(headers))
		return false;
	cJSON_ArrayForEach(item, headers)
	{
		const char *value = cJSON_GetStringValue(item);

		if (value == NULL || !field_allowed(item->string, value))
			return false;
		buffer_printf(&text, "%s: %s\r\n", item->string, value);
	}
	*fields = text.length > 0 ? arena_copy(arena, text.data, text.length) : NULL;
	return true;
}

static void
read_raise(RestError *error, Arena *arena, const char *message, const char *details)
{
	CLEANUP(json) cJSON *what = cJSON_Parse(message);
	CLEANUP(json) cJSON *how = details != NULL ? cJSON_Parse(details) : NULL;
	RestError raised = {
		.code = text_at(arena, what, "code"),
		.message = text_at(arena, what, "message"),
		.details = text_at(arena, what, "details"),
		.hint = text_at(arena, what, "hint"),
		.reason = text_at(arena, how, "status_text"),
	};
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(how, "status");
	const cJSON *headers = cJSON_GetObjectItemCaseSensitive(how, "headers");

	if (raised.code == NULL || raised.message == NULL)
		bad_raise(error, arena,
				  arena_printf(arena, "Invalid JSON value for MESSAGE: '%s'", message),
				  MESSAGE_HINT);
	else if (details == NULL)
		bad_raise(error, arena, "DETAIL is missing in the RAISE statement", DETAIL_HINT);
	else if (!cJSON_IsNumber(status) || status->valueint < 200 ||
			 status->valueint > 599 || !read_fields(arena, headers, &raised.fields) ||
			 (raised.reason != NULL && !field_allowed("reason", raised.reason)))
		bad_raise(error, arena,
				  arena_printf(arena, "Invalid JSON value for DETAIL: '%s'", details),
				  DETAIL_HINT);
	else
	{
		raised.status = status->valueint;
		*error = raised;
	}
}

bool
rest_error_headers(RestError *error, Arena *arena)
{
	return rest_error(error, arena, "PGRST111", NULL, NULL,
					  "response.headers guc must be a JSON array composed of objects "
					  "with a single key and a string value");
}

bool
rest_error_status(RestError *error, Arena *arena)
{
	return rest_error(error, arena, "PGRST112", NULL, NULL,
					  "response.status guc must be a valid status code");
}

/* Statements of ours ask for a setting by a name that says what is wrong. */
static bool
asked_for(const char *sqlstate, const char *message, const char *setting)
{
	return strcmp(sqlstate, "42704") == 0 && strstr(message, setting) != NULL;
}

void
rest_error_of_database(RestError *error, Arena *arena, const char *sqlstate,
					   const char *message, const char *details, const char *hint,
					   bool authenticated)
{
	int status = rest_sqlstate_status(sqlstate, message, authenticated);

	if (strcmp(sqlstate, "PGRST") == 0)
	{
		read_raise(error, arena, message, details);
		return;
	}
	if (asked_for(sqlstate, message, "\"" REST_BAD_HEADERS "\""))
	{
		(void) rest_error_headers(error, arena);
		return;
	}
	if (asked_for(sqlstate, message, "\"" REST_BAD_STATUS "\""))
	{
		(void) rest_error_status(error, arena);
		return;
	}
	*error = (RestError){
		.status = status,
		.code = arena_text(arena, sqlstate),
		.message = arena_text(arena, message),
		.details = details != NULL ? arena_text(arena, details) : NULL,
		.hint = hint != NULL ? arena_text(arena, hint) : NULL,
	};
	if (strncmp(sqlstate, "PT", 2) == 0 && field_allowed("reason", message))
		error->reason = error->message;
}
