/*
 * source/listing.c
 *	  What a source has, as the result of a sync tells it.
 */
#include "source/listing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/utf8.h"
#include "source/name.h"

#define MOST_BYTES    (12u << 20) /* a line of the control channel has at most 16 MiB */
#define MOST_PROBLEMS 100

static void
add_number(cJSON *object, const char *key, double value)
{
	if (value >= 0)
		cJSON_AddNumberToObject(object, key, value);
}

static cJSON *
item_json(const Item *item)
{
	cJSON *json = cJSON_CreateObject();
	char name[NAME_SIZE];

	name_tidy(item->name, name);
	cJSON_AddStringToObject(json, "source_key", item->key);
	if (item->placeholder != NULL)
		cJSON_AddStringToObject(json, "placeholder", item->placeholder);
	if (item->parts != NULL)
		cJSON_AddStringToObject(json, "parts", item->parts);
	cJSON_AddStringToObject(json, "display_name", name);
	name_tidy(item->file, name);
	cJSON_AddStringToObject(json, "file", name);
	add_number(json, "start_time", item->start_time);
	add_number(json, "appeared", item->appeared);
	add_number(json, "duration", item->duration);
	add_number(json, "expires", item->expires);
	if (item->bytes >= 0)
	{
		json_add_int64(json, "bytes", item->bytes);
		json_add_int64(item->source, "bytes", item->bytes);
	}
	if (item->pending)
		cJSON_AddFalseToObject(json, "ready");
	cJSON_AddItemToObject(json, "source", item->source);
	if (item->metadata != NULL)
		cJSON_AddItemToObject(json, "metadata", item->metadata);
	return json;
}

/* Is it UTF-8? One text that is not would make the database refuse all of the listing. */
static bool
is_told(const char *text)
{
	while (*text != '\0')
	{
		const char *before = text;
		uint32_t code = utf8_next(&text);

		/* the sign for what is no character takes three bytes when it is meant */
		if (code == 0xFFFD && text - before != 3)
			return false;
	}
	return true;
}

bool
listing_add(Listing *listing, const Item *item)
{
	cJSON *json = item_json(item);
	CLEANUP(free) char *text = json_print(json);
	size_t length = strlen(text);

	if (!is_told(text))
	{
		listing_problem(listing, "\"%.200s\": something of it is no UTF-8",
						json_text(json, "display_name", ""));
		cJSON_Delete(json);
		return true;
	}

	if ((size_t) cJSON_GetArraySize(listing->items) >= listing->most ||
		listing->bytes + length > MOST_BYTES)
	{
		listing->truncated = true;
		cJSON_Delete(json);
		return false;
	}
	listing->bytes += length;
	cJSON_AddItemToArray(listing->items, json);
	return true;
}

void
listing_go_on(Listing *listing, cJSON *next)
{
	cJSON_Delete(listing->next);
	listing->next = next;
	listing->truncated = true;
}

int
listing_overlap(const Listing *listing, int wanted)
{
	size_t half = listing->most / 2;

	return half < (size_t) wanted ? (int) half : wanted;
}

void
listing_problem(Listing *listing, const char *format, ...)
{
	char text[2 * NAME_SIZE];
	char tidy[NAME_SIZE];
	va_list args;

	if (cJSON_GetArraySize(listing->problems) >= MOST_PROBLEMS)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	name_tidy(text, tidy);
	cJSON_AddItemToArray(listing->problems, cJSON_CreateString(tidy));
}
