/*
 * source/s3.c
 *	  Recordings that lie in a bucket of S3, or of what speaks its protocol.
 *
 * What a recording is known by is its content: ETag and size. A file that is moved or copied
 * within the bucket is the same recording; one that is written anew under the same key is
 * another. Files are fetched by links that are signed when the download begins.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "net/s3_account.h"
#include "source/key.h"
#include "source/name.h"
#include "source/s3.h"
#include "source/settle.h"

#define KEY_DIGITS   40
#define LINK_SECONDS (12 * 3600L) /* also for a download that is taken up again */

/* What has to be brought back from an archive before it can be read. */
static bool
is_archived(const S3Object *object)
{
	return strcmp(object->storage_class, "GLACIER") == 0 ||
		   strcmp(object->storage_class, "DEEP_ARCHIVE") == 0;
}

static bool
open_bucket(const SourceQuery *query, const char *bucket, char endpoint[S3_ENDPOINT_SIZE],
			S3 *s3, Error *err)
{
	if (query->account == NULL)
		return error_set(err, ERROR_CREDENTIAL, "credential_missing",
						 "Give the source a credential of S3.",
						 "S3 asks for an account, and the source has none");
	return s3_of_account(query->account, bucket, query->allow_private_addresses,
						 query->reporter, endpoint, s3, err);
}

typedef struct Walk
{
	const SourceQuery *query;
	const char *bucket;
	Listing *listing;
	char last[S3_KEY_MOST + 1]; /* the key up to which all has been taken */
} Walk;

static void
make_key(const S3Object *object, char key[KEY_SIZE])
{
	CLEANUP(hash) Hash hash = {NULL};
	char text[S3_ETAG_SIZE + 32];
	char hex[HASH_HEX_SIZE];
	int length =
		snprintf(text, sizeof text, "%" PRId64 ":%s", object->bytes, object->etag);

	hash_begin(&hash);
	hash_update(&hash, text, (size_t) length);
	hash_finish(&hash, hex);
	snprintf(key, KEY_SIZE, "s3:%.*s", KEY_DIGITS, hex);
}

/* Folders are objects without bytes; what has no ETag cannot be told from its successor. */
static bool
is_file(const Walk *walk, const S3Object *object)
{
	size_t length = strlen(object->key);

	if (object->bytes == 0 || object->key[length - 1] == '/' ||
		settle_name_is_partial(object->key))
		return false;
	return (walk->query->from_time <= 0 || object->modified < 0 ||
			object->modified >= walk->query->from_time) &&
		   (walk->query->to_time <= 0 || object->modified <= walk->query->to_time);
}

static bool
list_object(Walk *walk, const S3Object *object)
{
	Item item = ITEM_UNKNOWN;
	char key[KEY_SIZE];
	char file[NAME_SIZE];
	char name[NAME_SIZE];
	Error err = {0};

	if (!is_file(walk, object))
		return true;
	walk->listing->seen++;
	if (is_archived(object))
	{
		listing_problem(walk->listing,
						"\"%.300s\" is in an archive: restore it in the bucket first",
						object->key);
		return true;
	}
	if (object->etag[0] == '\0' || !name_is_text(object->etag) ||
		!s3_check_key(object->key, &err))
	{
		listing_problem(walk->listing, "\"%.300s\": %s", object->key,
						err.code[0] != '\0' ? err.message : "it has no usable ETag");
		return true;
	}
	make_key(object, key);
	name_last_part(object->key, file);
	name_of_address(object->key, name);
	item.key = key;
	item.file = file;
	item.name = name;
	item.appeared = object->modified;
	item.bytes = object->bytes;
	item.source = cJSON_CreateObject();
	cJSON_AddStringToObject(item.source, "type", "s3");
	cJSON_AddStringToObject(item.source, "bucket", walk->bucket);
	cJSON_AddStringToObject(item.source, "key", object->key);
	cJSON_AddStringToObject(item.source, "etag", object->etag);
	return listing_add(walk->listing, &item);
}

/* Keys are in order, so that the last one says all, even when it is deleted meanwhile. */
static bool
take_object(void *arg, const S3Object *object)
{
	Walk *walk = arg;

	if (!list_object(walk, object))
	{
		cJSON *next = cJSON_CreateObject();

		cJSON_AddStringToObject(next, "key", walk->last);
		listing_go_on(walk->listing, next);
		return false;
	}
	/* what is no text cannot be told to the database */
	if (strlen(object->key) < sizeof walk->last && name_is_text(object->key))
		snprintf(walk->last, sizeof walk->last, "%s", object->key);
	return true;
}

bool
s3_source_list(const SourceQuery *query, Listing *listing, Error *err)
{
	char endpoint[S3_ENDPOINT_SIZE];
	Walk walk = {.query = query, .listing = listing};
	const char *after = json_text(query->after, "key", "");
	S3 s3;

	snprintf(walk.last, sizeof walk.last, "%s", after);
	return json_need_text(query->config, "bucket", "the source", &walk.bucket, err) &&
		   open_bucket(query, walk.bucket, endpoint, &s3, err) &&
		   s3_list(&s3, json_text(query->config, "prefix", ""),
				   after[0] != '\0' ? after : NULL, 0, take_object, &walk, err);
}

/* Is it the object that was found? Something else may have taken its place meanwhile. */
static bool
check_object(const S3 *s3, const cJSON *source, const char *key, bool found,
			 const S3Object *object, Error *err)
{
	const char *etag = json_text(source, "etag", "");

	if (!found)
		return error_set(
			err, ERROR_INPUT, "source_missing", "Put the recording back, or skip it.",
			"\"%.200s\" is not in the bucket \"%s\" any more", key, s3->bucket);
	if (etag[0] != '\0' && strcmp(etag, object->etag) != 0)
		return error_set(
			err, ERROR_INPUT, "source_changed",
			"The next sync finds what is there now as a recording of its own.",
			"\"%.200s\" in the bucket \"%s\" has been written anew", key, s3->bucket);
	return true;
}

bool
s3_source_resolve(const SourceQuery *query, const cJSON *source, FetchPlan *plan,
				  Error *err)
{
	char endpoint[S3_ENDPOINT_SIZE];
	const char *bucket;
	const char *key;
	S3Object object;
	S3 s3;
	bool found;

	if (!json_need_text(source, "bucket", "the source", &bucket, err) ||
		!json_need_text(source, "key", "the source", &key, err) ||
		!open_bucket(query, bucket, endpoint, &s3, err) ||
		!s3_head(&s3, key, &found, &object, err) ||
		!check_object(&s3, source, key, found, &object, err) ||
		!s3_link(&s3, "GET", key, LINK_SECONDS, NULL, plan->url, err))
		return false;
	plan->bytes = object.bytes;
	/* what takes its place between two ranges is not taken for the rest of it: the service
	 * says so (412), or the answer's own ETag */
	snprintf(plan->etag, sizeof plan->etag, "\"%s\"", object.etag);
	snprintf(plan->header, sizeof plan->header, "If-Match: %s", plan->etag);
	if (object.etag_is_md5)
		snprintf(plan->md5, sizeof plan->md5, "%.32s", object.etag);
	return true;
}
