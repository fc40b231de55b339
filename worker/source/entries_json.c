/*
 * source/entries_json.c
 *	  A JSON array of links, or a JSON Feed (version 1.1).
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "source/entries.h"
#include "source/moment.h"

/* The first of these members that is there. */
static const cJSON *
first_of(const cJSON *object, const char *const *names)
{
	for (; *names != NULL; names++)
	{
		const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, *names);

		if (member != NULL && !cJSON_IsNull(member))
			return member;
	}
	return NULL;
}

#define FIRST_OF(object, ...) first_of(object, (const char *const[]){__VA_ARGS__, NULL})

static const char *
text_of(const cJSON *value)
{
	return cJSON_IsString(value) ? value->valuestring : NULL;
}

/* A number of seconds, or a text that read can make something of. */
static double
seconds_of(const cJSON *value, double (*read)(const char *text))
{
	if (cJSON_IsString(value))
		return read(value->valuestring);
	return cJSON_IsNumber(value) && cJSON_GetNumberValue(value) >= 0
			   ? cJSON_GetNumberValue(value)
			   : -1;
}

/* What a person can hear or see: a feed's entry may have pictures beside it. */
static const cJSON *
attachment_of(const cJSON *object)
{
	const cJSON *attachments = cJSON_GetObjectItemCaseSensitive(object, "attachments");
	const cJSON *attachment;

	cJSON_ArrayForEach(attachment, attachments)
	{
		const char *type = json_text(attachment, "mime_type", "");

		if (strncmp(type, "video/", 6) == 0 || strncmp(type, "audio/", 6) == 0)
			return attachment;
	}
	return NULL;
}

static bool
take_item(const cJSON *item, int number, const EntryReader *reader)
{
	const cJSON *attachment = attachment_of(item);
	const cJSON *media = attachment != NULL ? attachment : item;
	const cJSON *author = FIRST_OF(item, "author");
	Entry entry = ENTRY_UNKNOWN;
	char message[64];

	entry.url = cJSON_IsString(item) ? item->valuestring
									 : text_of(FIRST_OF(media, "url", "link"));
	entry.id = text_of(FIRST_OF(item, "id"));
	entry.title = text_of(FIRST_OF(item, "title", "name"));
	entry.author = cJSON_IsString(author) ? author->valuestring
										  : json_text(item, "author.name", NULL);
	entry.start_time =
		seconds_of(FIRST_OF(item, "start_time", "date_published", "date"), moment_read);
	entry.duration = seconds_of(FIRST_OF(media, "duration", "duration_in_seconds"),
								moment_read_length);
	entry.bytes = json_int64(media, "bytes", json_int64(media, "size_in_bytes", -1));
	entry.pending = cJSON_IsFalse(FIRST_OF(item, "ready"));
	if (entry.bytes < 0)
		entry.bytes = -1;
	if (entry.url != NULL)
		return reader->take(reader->arg, &entry);
	snprintf(message, sizeof message, "item %d of the list has no url", number);
	reader->problem(reader->arg, message);
	return true;
}

bool
entries_read_json(const char *text, size_t length, const EntryReader *reader, Error *err)
{
	CLEANUP(json) cJSON *list = NULL;
	const cJSON *items;
	const cJSON *item;
	int number = 0;

	if (!json_parse(text, length, "the list", &list, err))
	{
		if (err != NULL)
			err->class = ERROR_INPUT;
		return false;
	}
	items = cJSON_IsArray(list) ? list : json_at(list, "items");
	if (!cJSON_IsArray(items))
		return error_set(
			err, ERROR_INPUT, "bad_list",
			"Write an array of links, or an object with the array \"items\".",
			"the list is JSON, but no array of links");
	cJSON_ArrayForEach(item, items) if (!take_item(item, ++number, reader)) return true;
	if (reader->next != NULL && json_text(list, "next_url", "")[0] != '\0')
		reader->next(reader->arg, json_text(list, "next_url", ""));
	return true;
}
