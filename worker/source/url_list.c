/*
 * source/url_list.c
 *	  A list of links as a source: kept in its configuration, or fetched.
 */
#include "source/source.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "net/document.h"
#include "net/url.h"
#include "source/entries.h"
#include "source/key.h"
#include "source/name.h"

#define LIST_MOST_BYTES (8u << 20)
#define OVERLAP         100 /* entries that are looked at again: others may be gone */

typedef struct List
{
	Listing *listing;
	const char *url; /* where it came from; NULL = its links are whole */
	const char *ids; /* where it is asked for, whose ids are keys; NULL = links are */
	int at;          /* entries that are done */
	int skip;        /* ... that were done the last time */
} List;

static void
take_problem(void *arg, const char *message)
{
	List *list = arg;

	listing_problem(list->listing, "%s", message);
}

/* libcurl encodes what is no ASCII in paths, not in names of hosts. */
static bool
check_text(const char *url, Error *err)
{
	return name_is_text(url) ||
		   error_set(err, ERROR_INPUT, "bad_url",
					 "Write the address as a text in quotes.", "it is no text");
}

static bool
has_words(const char *text)
{
	return text != NULL && strspn(text, " \t\r\n") < strlen(text);
}

static bool
list_entry(List *list, const Entry *entry)
{
	Item item = ITEM_UNKNOWN;
	char url[URL_SIZE];
	char key[KEY_SIZE];
	char name[NAME_SIZE];
	char file[NAME_SIZE];
	Error err;

	list->listing->seen++;
	if (!url_resolve(list->url != NULL ? list->url : entry->url, entry->url, url, &err) ||
		!key_of_url(url, key, &err) || !check_text(url, &err))
	{
		listing_problem(list->listing, "\"%.200s\": %s", entry->url, err.message);
		return true;
	}
	if (list->ids != NULL && has_words(entry->id))
		key_of_id(list->ids, entry->id, key);
	name_last_part(url, file);
	name_of_address(url, name);
	item.key = key;
	item.file = file;
	item.name =
		entry->title != NULL && strspn(entry->title, " \t\r\n") < strlen(entry->title)
			? entry->title
			: name;
	item.start_time = entry->start_time;
	item.duration = entry->duration;
	item.bytes = entry->bytes;
	item.pending = entry->pending;
	item.metadata = cJSON_CreateObject();
	if (entry->author != NULL)
	{
		char author[NAME_SIZE];

		name_tidy(entry->author, author);
		cJSON_AddStringToObject(item.metadata, "author", author);
	}
	item.source = cJSON_CreateObject();
	cJSON_AddStringToObject(item.source, "type", "url");
	cJSON_AddStringToObject(item.source, "url", url);
	return listing_add(list->listing, &item);
}

/* Entries are counted: a list that changes meanwhile is fetched whole by the next sync. */
static bool
take_entry(void *arg, const Entry *entry)
{
	List *list = arg;
	cJSON *next;

	if (list->at < list->skip || list_entry(list, entry))
	{
		list->at++;
		return true;
	}
	next = cJSON_CreateObject();
	cJSON_AddNumberToObject(next, "from", list->at);
	listing_go_on(list->listing, next);
	return false;
}

static void
take_own(const cJSON *urls, List *list)
{
	const cJSON *url;

	cJSON_ArrayForEach(url, urls)
	{
		Entry entry = ENTRY_UNKNOWN;

		entry.url = cJSON_IsString(url) ? url->valuestring : "";
		if (!take_entry(list, &entry))
			return;
	}
}

bool
url_list_list(const SourceQuery *query, Listing *listing, Error *err)
{
	const cJSON *own = json_at(query->config, "urls");
	CLEANUP(buffer) Buffer body;
	char url[URL_SIZE];
	List list = {.listing = listing};
	int done = (int) json_number(query->after, "from", 0);
	int overlap = listing_overlap(listing, OVERLAP);
	EntryReader reader = {.take = take_entry, .problem = take_problem, .arg = &list};
	DocumentRequest request = {
		.most_bytes = LIST_MOST_BYTES,
		.allow_private_addresses = query->allow_private_addresses,
		.reporter = query->reporter,
	};

	buffer_init(&body);
	list.skip = done > overlap ? done - overlap : 0;
	if (own != NULL)
	{
		take_own(own, &list);
		return true;
	}
	if (!json_need_text(query->config, "url", "the source", &request.url, err) ||
		!document_fetch(&request, &body, url, err))
		return false;
	list.url = url;
	if (strcmp(json_text(query->config, "key_by", "url"), "id") == 0)
		list.ids = request.url;
	return entries_read(body.data, body.length, &reader, err);
}
