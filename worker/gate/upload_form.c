/*
 * gate/upload_form.c
 *	  What is said of an upload: by the query of its URL, or by the fields of its form.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/json.h"
#include "gate/upload_parts.h"
#include "rest/pairs.h"

#define FIELDS_MOST ((size_t) 65536) /* bytes of all fields of a form */

bool
upload_add_option(cJSON *options, const char *name, const char *value)
{
	cJSON *item = NULL;

	if (strcmp(name, "config") == 0)
	{
		if (!json_parse(value, strlen(value), name, &item, NULL))
			return false;
	}
	else if (strcmp(name, "auto_run") == 0 &&
			 (strcmp(value, "true") == 0 || strcmp(value, "false") == 0))
		item = cJSON_CreateBool(strcmp(value, "true") == 0);
	else
		item = cJSON_CreateString(value);
	cJSON_DeleteItemFromObjectCaseSensitive(options, name);
	cJSON_AddItemToObject(options, name, item);
	return true;
}

static void
refuse_option(Request *request, const char *name)
{
	request_refuse(request, 422, "LP030", "what is said of the upload cannot be read",
				   arena_printf(&request->arena, "It is in \"%s\".", name), NULL);
}

bool
upload_read_query(Request *request, char **name, cJSON **options)
{
	Pairs pairs = pairs_split(&request->arena, request->exchange->query);

	*name = array_text("");
	*options = cJSON_CreateObject();
	for (size_t i = 0; i < pairs.count; i++)
	{
		const char *value = pairs.items[i].value != NULL ? pairs.items[i].value : "";

		if (strcmp(pairs.items[i].name, "name") == 0)
		{
			free(*name);
			*name = array_text(value);
		}
		else if (!upload_add_option(*options, pairs.items[i].name, value))
		{
			refuse_option(request, pairs.items[i].name);
			return false;
		}
	}
	return true;
}

static bool
begin_part(void *arg, const char *name, const char *filename)
{
	Upload *upload = arg;
	bool again = filename != NULL && upload->file_seen;

	(void) snprintf(upload->field_name, sizeof upload->field_name, "%s",
					filename != NULL ? "" : name);
	buffer_clear(&upload->field);
	if (again)
		request_refuse(upload->request, 422, "LP030", "a form has one file", NULL, NULL);
	else if (filename != NULL)
	{
		upload->file_seen = true;
		free(upload->name);
		upload->name = array_text(filename);
	}
	return !again;
}

static bool
take_data(void *arg, const char *bytes, size_t length)
{
	Upload *upload = arg;

	if (upload->field_name[0] == '\0')
		return upload_receive(upload, bytes, length);
	upload->field_bytes += length;
	if (upload->field_bytes > FIELDS_MOST || memchr(bytes, '\0', length) != NULL)
	{
		request_refuse(upload->request, 422, "LP030",
					   "the fields of a form are text, of at most 64 KiB", NULL, NULL);
		return false;
	}
	buffer_append(&upload->field, bytes, length);
	return true;
}

static bool
end_part(void *arg)
{
	Upload *upload = arg;

	if (upload->field_name[0] == '\0' ||
		upload_add_option(upload->options, upload->field_name, upload->field.data))
		return true;
	refuse_option(upload->request, upload->field_name);
	return false;
}

static bool
has_type(const Slice *field, const char *type)
{
	size_t length = strlen(type);

	return field->length >= length && strncasecmp(field->at, type, length) == 0 &&
		   (field->length == length || strchr("; \t", field->at[length]) != NULL);
}

/* A lecture in words would become a recording of these words. */
bool
upload_takes_type(Request *request)
{
	static const char *const words[] = {"application/json",
										"application/x-www-form-urlencoded"};
	const Slice *type = head_field(&request->exchange->head, "content-type");
	RestError error = {
		.status = 415,
		.code = "LP030",
		.hint = "Send the bytes of the file with its own Content-Type, or a form with a "
				"file; a lecture at a URL is added by POST /api/v1/recordings."};

	for (size_t i = 0; type != NULL && i < sizeof words / sizeof words[0]; i++)
		if (has_type(type, words[i]))
		{
			error.message = arena_printf(&request->arena,
										 "%s is not the file of a lecture", words[i]);
			request_reply_error(request, &error);
			return false;
		}
	return true;
}

bool
upload_open_form(Upload *upload)
{
	const Slice *type = head_field(&upload->request->exchange->head, "content-type");
	const MultipartSink sink = {begin_part, take_data, end_part, upload};

	if (type == NULL || !multipart_is(*type))
		return true;
	upload->form = multipart_new(*type, &sink);
	return upload->form != NULL;
}
