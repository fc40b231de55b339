/*
 * source/url_list.c
 *	  A list of links as a source: kept in its configuration, or fetched, page by page where
 *	  it says where it goes on.
 *
 * The pages are a stranger's: there are so many at most, none is read twice, and each address
 * is judged as the user's own.
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
#define PAGES_MOST      100

typedef struct List
{
	Listing *listing;
	const char *url; /* where it came from; NULL = its links are whole */
	const char *ids; /* where it is asked for, whose ids are keys; NULL = links are */
	int at;          /* entries that are done */
	int skip;        /* ... that were done the last time */
	bool full;       /* the listing takes no more */
	double oldest; /* of the entries so far, while each is older than the one before; -1 =
					  * none yet */
	bool unordered; /* they are not the newest first, or some have no time */
	char next
		[URL_SIZE]; /* of the next page, as the page says it; "" = this was the last */
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

static void
note_order(List *list, double start_time)
{
	if (start_time < 0 || (list->oldest >= 0 && start_time > list->oldest))
		list->unordered = true;
	list->oldest = start_time;
}

/* Entries are counted: a list that changes meanwhile is fetched whole by the next sync. */
static bool
take_entry(void *arg, const Entry *entry)
{
	List *list = arg;
	cJSON *next;

	note_order(list, entry->start_time);
	if (list->at < list->skip || list_entry(list, entry))
	{
		list->at++;
		return true;
	}
	next = cJSON_CreateObject();
	cJSON_AddNumberToObject(next, "from", list->at);
	listing_go_on(list->listing, next);
	list->full = true;
	return false;
}

static void
take_next(void *arg, const char *url)
{
	List *list = arg;

	/* what is too long is no address: it is told when it is resolved */
	snprintf(list->next, sizeof list->next, "%s", url);
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

/* One page: what is on it, and where it goes on. */
static bool
read_page(const SourceQuery *query, const char *address, List *list, Error *err)
{
	CLEANUP(buffer) Buffer body;
	char url[URL_SIZE];
	const EntryReader reader = {
		.take = take_entry, .next = take_next, .problem = take_problem, .arg = list};
	const DocumentRequest request = {
		.url = address,
		.most_bytes = LIST_MOST_BYTES,
		.allow_private_addresses = query->allow_private_addresses,
		.reporter = query->reporter,
	};
	char next[URL_SIZE] = "";
	bool read;
	Error wrong;

	buffer_init(&body);
	list->next[0] = '\0';
	if (!document_fetch(&request, &body, url, err))
		return false;
	list->url = url;
	read = entries_read(body.data, body.length, &reader, err);
	list->url = NULL;
	if (read && list->next[0] != '\0' && !url_resolve(url, list->next, next, &wrong))
		listing_problem(list->listing, "the link to the next page: %s", wrong.message);
	memcpy(list->next, next, sizeof next);
	return read;
}

/* Two spellings of one address are one page. */
static const char *
usual(const char *url, char form[URL_SIZE])
{
	return url_usual_form(url, form, NULL) ? form : url;
}

static bool
was_read(const cJSON *pages, const char *url)
{
	char form[URL_SIZE];
	const cJSON *page;

	cJSON_ArrayForEach(page, pages) if (strcmp(page->valuestring, usual(url, form)) ==
										0) return true;
	return false;
}

/* Whether to go on at list->next, of which `pages` are read. What is behind a page that is
 * older than wanted is older still, where the list has the newest first. */
static bool
goes_on(const SourceQuery *query, List *list, const cJSON *pages)
{
	char shown[300];

	if (list->full || list->next[0] == '\0' ||
		(query->from_time > 0 && !list->unordered && list->oldest >= 0 &&
		 list->oldest < query->from_time))
		return false;
	url_redact(list->next, shown, sizeof shown);
	if (was_read(pages, list->next))
		listing_problem(list->listing,
						"page %d of the list leads back to one that was read: %s",
						cJSON_GetArraySize(pages), shown);
	else if (cJSON_GetArraySize(pages) >= PAGES_MOST)
		listing_problem(list->listing,
						"the list has more than %d pages, and this one was not read: %s",
						PAGES_MOST, shown);
	else
		return true;
	return false;
}

/* A page that is not to be had costs what is behind it, not what came before; trouble that
 * passes is for the next try. */
static bool
read_pages(const SourceQuery *query, const char *address, List *list, Error *err)
{
	CLEANUP(json) cJSON *pages = cJSON_CreateArray();
	Error own = {0};

	snprintf(list->next, sizeof list->next, "%s", address);
	do
	{
		char page[URL_SIZE];
		char form[URL_SIZE];

		memcpy(page, list->next, sizeof page);
		cJSON_AddItemToArray(pages, cJSON_CreateString(usual(page, form)));
		if (read_page(query, page, list, &own))
			continue;
		if (cJSON_GetArraySize(pages) == 1 ||
			(own.class != ERROR_INPUT && own.class != ERROR_PERMANENT))
		{
			if (err != NULL)
				*err = own;
			return false;
		}
		listing_problem(list->listing, "page %d of the list: %s",
						cJSON_GetArraySize(pages), own.message);
		return true;
	} while (goes_on(query, list, pages));
	return true;
}

bool
url_list_list(const SourceQuery *query, Listing *listing, Error *err)
{
	const cJSON *own = json_at(query->config, "urls");
	const char *url;
	List list = {.listing = listing, .oldest = -1};
	int done = (int) json_number(query->after, "from", 0);
	int overlap = listing_overlap(listing, OVERLAP);

	list.skip = done > overlap ? done - overlap : 0;
	if (own != NULL)
	{
		take_own(own, &list);
		return true;
	}
	if (!json_need_text(query->config, "url", "the source", &url, err))
		return false;
	if (strcmp(json_text(query->config, "key_by", "url"), "id") == 0)
		list.ids = url;
	return read_pages(query, url, &list, err);
}
