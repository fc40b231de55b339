/*
 * source/yandex.c
 *	  A folder of Yandex Disk as a source: of one's own disk, or a published one.
 *
 * Files are known by what the disk calls them for ever (resource_id): moved or renamed they
 * are the same recordings. Checksums are asked for again when a file is fetched.
 */
#include "source/yandex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "net/account.h"
#include "source/key.h"
#include "source/moment.h"
#include "source/name.h"

#define PATH_LONGEST 3000

typedef struct Disk
{
	const SourceQuery *query;
	Listing *listing;
	const char *public_key; /* of a public link; NULL: the account's own disk */
	bool any_name;          /* a pattern decides instead, in the database */
} Disk;

static bool
is_kind(const cJSON *file, const char *kind)
{
	const char *mime = json_text(file, "mime_type", "");
	size_t length = strlen(kind);

	return strcmp(json_text(file, "media_type", ""), kind) == 0 ||
		   (strncasecmp(mime, kind, length) == 0 && mime[length] == '/');
}

static bool
is_recording(const Disk *disk, const cJSON *file)
{
	return disk->any_name || is_kind(file, "video") || is_kind(file, "audio") ||
		   name_is_media(json_text(file, "name", ""));
}

/* The name that the disk has for it; without one, what is in it; else where it is. */
static void
key_of(const Disk *disk, const cJSON *file, char key[KEY_SIZE])
{
	CLEANUP(hash) Hash hash = {NULL};
	const char *id = json_text(file, "resource_id", "");
	const char *md5 = json_text(file, "md5", "");
	const char *path = json_text(file, "path", "");
	const char *link = disk->public_key != NULL ? disk->public_key : "";
	char hex[HASH_HEX_SIZE];

	if (id[0] != '\0' && strlen(id) < 500 && name_is_text(id))
	{
		snprintf(key, KEY_SIZE, "yandex_disk:%.500s", id);
		return;
	}
	if (md5[0] != '\0' && strlen(md5) == HASH_MD5_SIZE - 1)
	{
		snprintf(key, KEY_SIZE, "yandex_disk:md5:%.32s:%lld", md5,
				 (long long) json_int64(file, "size", 0));
		return;
	}
	hash_begin(&hash);
	hash_update(&hash, link, strlen(link) + 1);
	hash_update(&hash, path, strlen(path));
	hash_finish(&hash, hex);
	snprintf(key, KEY_SIZE, "yandex_disk:path:%.40s", hex);
}

static cJSON *
source_of(const Disk *disk, const cJSON *file)
{
	cJSON *source = cJSON_CreateObject();
	const char *path = json_text(file, "path", "");

	cJSON_AddStringToObject(source, "type", "yandex_disk");
	if (disk->public_key != NULL)
		cJSON_AddStringToObject(source, "public_key", disk->public_key);
	/* a link to a single file has no path but its own */
	if (path[0] != '\0' && !(disk->public_key != NULL && strcmp(path, "/") == 0))
		cJSON_AddStringToObject(source, "path", path);
	return source;
}

/* Is it of the days that are asked for? What tells no time may be. */
static bool
is_within(const SourceQuery *query, double moment)
{
	return moment < 0 || ((query->from_time <= 0 || moment >= query->from_time) &&
						  (query->to_time <= 0 || moment < query->to_time));
}

/* Is it one that has a place in the listing? What could be one and is not is told. */
static bool
is_taken(const Disk *disk, const cJSON *file, const char *called)
{
	const char *path = json_text(file, "path", "");

	if (!is_recording(disk, file) ||
		!is_within(disk->query, moment_read(json_text(file, "created", ""))))
		return false;
	if (strlen(path) > PATH_LONGEST || !name_is_text(path))
	{
		listing_problem(disk->listing, "\"%.200s\": its path is too long or no text",
						called);
		return false;
	}
	if (strcmp(json_text(file, "antivirus_status", ""), "infected") == 0)
	{
		listing_problem(disk->listing, "\"%.200s\": the disk says that it is infected",
						called);
		return false;
	}
	return true;
}

static bool
list_file(void *arg, const cJSON *file)
{
	const Disk *disk = arg;
	Item item = ITEM_UNKNOWN;
	const char *path = json_text(file, "path", "");
	const char *called = json_text(file, "name", path);
	char key[KEY_SIZE];
	char name[NAME_SIZE];

	disk->listing->seen++;
	if (!is_taken(disk, file, called))
		return true;
	key_of(disk, file, key);
	name_of_address(called, name);
	item.key = key;
	item.name = name;
	item.file = called;
	item.bytes = json_int64(file, "size", -1);
	item.start_time = moment_read(json_text(file, "created", ""));
	item.appeared = item.start_time;
	item.metadata = cJSON_CreateObject();
	cJSON_AddStringToObject(item.metadata, "path", path);
	if (name_is_text(json_text(file, "mime_type", "")))
		cJSON_AddStringToObject(item.metadata, "mime_type",
								json_text(file, "mime_type", ""));
	item.source = source_of(disk, file);
	return listing_add(disk->listing, &item);
}

bool
yandex_list(const SourceQuery *query, Listing *listing, Error *err)
{
	Disk disk = {
		.query = query,
		.listing = listing,
		.public_key = json_text(query->config, "public_url", NULL),
		.any_name = json_text(query->config, "file_pattern", NULL) != NULL,
	};
	const YandexPlace root = {
		.public_key = disk.public_key,
		.path = json_text(query->config, "folder_path", NULL),
	};

	if (root.public_key == NULL && root.path == NULL)
		return error_set(err, ERROR_PERMANENT, "bad_message",
						 "Give the source folder_path or public_url.",
						 "the source has neither folder_path nor public_url");
	return yandex_walk(query, &root, listing, list_file, &disk, err);
}

static bool
take_digits(const cJSON *resource, const char *key, size_t digits, char *hex)
{
	const char *text = json_text(resource, key, "");

	if (strlen(text) != digits || strspn(text, "0123456789abcdefABCDEF") != digits)
		return false;
	memcpy(hex, text, digits + 1);
	return true;
}

bool
yandex_resolve(const SourceQuery *query, const cJSON *source, FetchPlan *plan, Error *err)
{
	const YandexPlace place = {
		.public_key = json_text(source, "public_key", NULL),
		.path = json_text(source, "path", NULL),
	};
	CLEANUP(json) cJSON *resource = NULL;
	CLEANUP(json) cJSON *link = NULL;
	const char *href;
	const char *token;

	if (!yandex_look(query, &place, 0, 0, &resource, err) ||
		!yandex_link(query, &place, &link, err))
		return false;
	if (strcmp(json_text(resource, "type", "file"), "file") != 0)
		return error_set(err, ERROR_INPUT, "source_missing",
						 "Ask the source again what it has.",
						 "where the recording was is a folder now");
	href = json_text(link, "href", "");
	if (!url_check(href, err))
		return false;
	/* one's own files are asked for as their owner; what is published needs nobody */
	if (place.public_key == NULL)
	{
		if (!account_token(query->account, &token, err))
			return false;
		snprintf(plan->header, sizeof plan->header, "Authorization: OAuth %s", token);
	}
	snprintf(plan->url, sizeof plan->url, "%s", href);
	plan->shown = "the address Yandex gave for the file";
	snprintf(plan->file, sizeof plan->file, "%.299s", json_text(resource, "name", ""));
	plan->bytes = json_int64(resource, "size", -1);
	(void) take_digits(resource, "md5", HASH_MD5_SIZE - 1, plan->md5);
	(void) take_digits(resource, "sha256", HASH_HEX_SIZE - 1, plan->sha256);
	return true;
}
