/*
 * source/site.c
 *	  A playlist or channel of a video site as a source, as yt-dlp lists it.
 *
 * The list is asked for flat: nothing of a recording is looked at that the list does not
 * tell. A recording is known by what its site calls it; where no extractor knows the site,
 * that is its address.
 */
#include "source/site.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "net/url.h"
#include "source/key.h"
#include "source/name.h"
#include "source/site_program.h"

#define TRAFFIC_MOST ((int64_t) 256 << 20) /* pages that lists are made of */

/* A line of JSON for each entry; a comma is none of yt-dlp's own here. */
static const char entry_fields[] =
	"%(.{id,title,url,webpage_url,duration,timestamp,release_timestamp,ie_key,"
	"extractor_key,_type,playlist_index})j";

typedef struct List
{
	const SourceQuery *query;
	Listing *listing;
	const char *url; /* of the list */
	int at;          /* the number of the entry, from 1 */
} List;

/* What does not know a site finds films in any page, and counts them. */
static bool
is_generic(const char *extractor)
{
	return extractor[0] == '\0' || strcasecmp(extractor, "Generic") == 0 ||
		   strcasecmp(extractor, "HTML5MediaEmbed") == 0;
}

/* Entries of a list are told by their address, or as what is behind it already. */
static bool
is_address(const cJSON *entry)
{
	return strncmp(json_text(entry, "_type", ""), "url", 3) == 0;
}

static const char *
extractor_of(const cJSON *entry)
{
	return json_text(entry, is_address(entry) ? "ie_key" : "extractor_key", "");
}

/* Where it can be fetched for long: its page, unless that is the page of the list. */
static const char *
address_of(const List *list, const cJSON *entry)
{
	const char *url = json_text(entry, "url", "");
	const char *page = json_text(entry, "webpage_url", "");

	if (is_address(entry) || page[0] == '\0')
		return url;
	return cJSON_IsNumber(json_at(entry, "playlist_index")) &&
				   strcmp(page, list->url) == 0 && url[0] != '\0'
			   ? url
			   : page;
}

/* "site:EXTRACTOR:ID", in lower case, as versions write it differently; else its address. */
static bool
make_key(const cJSON *entry, const char *address, char key[KEY_SIZE], Error *err)
{
	const char *extractor = extractor_of(entry);
	const char *id = json_text(entry, "id", "");
	int length;

	if (is_generic(extractor) || id[0] == '\0' || strlen(id) > 300 ||
		strlen(extractor) > 100 || !name_is_text(id) || !name_is_text(extractor))
		return key_of_url(address, key, err);
	length = snprintf(key, KEY_SIZE, "site:");
	for (const char *c = extractor; *c != '\0'; c++)
		key[length++] = (char) tolower((unsigned char) *c);
	snprintf(key + length, KEY_SIZE - (size_t) length, ":%.300s", id);
	return true;
}

/* A channel is often a list of lists. */
static bool
is_list(const cJSON *entry)
{
	static const char *const ends[] = {"Tab", "Playlist", "Channel", "User"};
	const char *extractor = extractor_of(entry);
	size_t length = strlen(extractor);

	if (strcmp(json_text(entry, "_type", ""), "playlist") == 0)
		return true;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
	{
		size_t end = strlen(ends[i]);

		if (length >= end && strcmp(extractor + length - end, ends[i]) == 0)
			return true;
	}
	return false;
}

static cJSON *
source_of(const List *list, const char *address)
{
	cJSON *source = cJSON_CreateObject();

	cJSON_AddStringToObject(source, "type", "site");
	cJSON_AddStringToObject(source, "url", address);
	cJSON_AddStringToObject(source, "quality",
							json_text(list->query->config, "quality", "best"));
	cJSON_AddStringToObject(source, "format",
							json_text(list->query->config, "format", "mp4"));
	return source;
}

/* False when the listing is full. */
static bool
take_entry(const List *list, const cJSON *entry)
{
	const char *address = address_of(list, entry);
	const char *title = json_text(entry, "title", "");
	Item item = ITEM_UNKNOWN;
	char key[KEY_SIZE];
	char name[NAME_SIZE];
	Error own = {0};

	list->listing->seen++;
	if (is_list(entry))
	{
		listing_problem(list->listing, "\"%.200s\" is a list itself: make a source of it",
						title);
		return true;
	}
	if (!url_check(address, &own) || !name_is_text(address) ||
		!make_key(entry, address, key, &own))
	{
		listing_problem(list->listing, "\"%.200s\": %s", title,
						own.code[0] != '\0' ? own.message : "its address is no text");
		return true;
	}
	name_of_address(address, name);
	item.key = key;
	item.name = title[strspn(title, " \t\r\n")] != '\0' ? title : name;
	item.file = item.name;
	item.duration = json_number(entry, "duration", -1);
	item.start_time =
		json_number(entry, "timestamp", json_number(entry, "release_timestamp", -1));
	item.metadata = cJSON_CreateObject();
	if (extractor_of(entry)[0] != '\0' && name_is_text(extractor_of(entry)))
		cJSON_AddStringToObject(item.metadata, "site", extractor_of(entry));
	item.source = source_of(list, address);
	return listing_add(list->listing, &item);
}

/* Goes on with this entry, in the next part. */
static void
go_on_later(const List *list)
{
	cJSON *next = cJSON_CreateObject();

	cJSON_AddNumberToObject(next, "from", list->at);
	listing_go_on(list->listing, next);
}

/* One JSON object a line. last is the number of the last entry that is wanted. */
static void
take_output(List *list, Buffer *output, int last)
{
	char *rest = output->data;

	for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"))
	{
		CLEANUP(json) cJSON *entry = NULL;

		if (line[0] == '\0')
			continue;
		if (list->at > last)
		{
			list->listing->truncated = true; /* no more of it is wanted */
			return;
		}
		if (!json_parse(line, strlen(line), "an entry", &entry, NULL))
			listing_problem(list->listing, "entry %d cannot be read", list->at);
		else if (!take_entry(list, entry))
		{
			go_on_later(list);
			return;
		}
		list->at++;
	}
}

static SiteRun
run_of(const SourceQuery *query, const char *url, const char *const *options)
{
	return (SiteRun){
		.program = query->site_program,
		.folder = query->work,
		.options = options,
		.url = url,
		.allow_private_addresses = query->allow_private_addresses,
		.most_bytes = TRAFFIC_MOST,
		.reporter = query->reporter,
		.to = 1,
		.step = "asking the site",
	};
}

bool
site_list(const SourceQuery *query, Listing *listing, Error *err)
{
	int last = (int) json_number(query->config, "most", 100);
	List list = {.query = query,
				 .listing = listing,
				 .at = (int) json_number(query->after, "from", 1)};
	CLEANUP(buffer) Buffer output;
	char range[64];
	const char *const options[] = {"--flat-playlist",
								   "--yes-playlist",
								   "--playlist-items",
								   range,
								   "--print",
								   entry_fields,
								   NULL};

	buffer_init(&output);
	/* one more tells that there is more */
	snprintf(range, sizeof range, "%d:%d", list.at, last + 1);
	if (!json_need_text(query->config, "url", "the source", &list.url, err))
		return false;

	SiteRun run = run_of(query, list.url, options);

	if (!site_run(&run, &output, err))
		return false;
	if (output.length > 0)
		take_output(&list, &output, last);
	return true;
}
