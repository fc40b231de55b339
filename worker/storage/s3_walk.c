/*
 * storage/s3_walk.c
 *	  What is in the bucket of a storage, and what is given up of it.
 */
#include "storage/s3.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/s3_upload.h"

#define KEY_SIZE (S3_KEY_MOST + 1)

typedef struct Listing
{
	StorageVisit visit;
	void *arg;
	double now;
	size_t prefix;
} Listing;

static bool
visit_object(void *arg, const S3Object *object)
{
	const Listing *listing = arg;
	const StorageFile file = {.uri = object->key + listing->prefix,
							  .bytes = object->bytes,
							  .age = listing->now - object->modified};

	return !storage_uri_is_valid(file.uri) || listing->visit(listing->arg, &file);
}

bool
storage_s3_walk(const Storage *storage, const char *below, StorageVisit visit, void *arg,
				Error *err)
{
	Listing listing = {.visit = visit,
					   .arg = arg,
					   .now = (double) time(NULL),
					   .prefix = strlen(storage->s3->prefix)};
	char prefix[KEY_SIZE];
	S3 s3 = storage_s3_client(storage);
	Error own = {0};
	int length = snprintf(prefix, sizeof prefix, "%s%s%s", storage->s3->prefix, below,
						  below[0] != '\0' ? "/" : "");

	if (length < 0 || (size_t) length >= sizeof prefix)
		return error_set(err, ERROR_PERMANENT, "bad_uri",
						 "Choose a shorter prefix in --storage.",
						 "the prefix is too long");
	return s3_list(&s3, prefix, NULL, 0, visit_object, &listing, &own) ||
		   storage_s3_soften(err, &own);
}

typedef struct OldUploads
{
	S3 *s3;
	size_t prefix; /* bytes of a key before the URI */
	double before;
	Error *err;
	bool failed;
} OldUploads;

/* Others may send files into the same bucket: only what would be LEAP's is given up. */
static bool
abort_old(void *arg, const S3Begun *begun)
{
	OldUploads *old = arg;
	bool own =
		strlen(begun->key) > old->prefix && storage_uri_is_own(begun->key + old->prefix);

	if (own && begun->begun >= 0 && begun->begun < old->before)
		old->failed = !s3_abort(old->s3, begun->key, begun->upload, old->err);
	return !old->failed;
}

bool
storage_s3_sweep(const Storage *storage, double seconds, const cJSON *keep, Error *err)
{
	S3 s3 = storage_s3_client(storage);
	Error own = {0};
	OldUploads old = {.s3 = &s3,
					  .prefix = strlen(storage->s3->prefix),
					  .before = (double) time(NULL) - seconds,
					  .err = &own};
	const cJSON *uri;
	char name[STORAGE_S3_NAME_SIZE];

	cJSON_ArrayForEach(uri, keep)
	{
		storage_s3_spool_name(storage, uri->valuestring, name);
		spool_renew(&storage->s3->spool, name);
	}
	spool_sweep(&storage->s3->spool, seconds);
	spool_shrink(&storage->s3->spool);
	return (s3_list_uploads(&s3, storage->s3->prefix, abort_old, &old, &own) &&
			!old.failed) ||
		   storage_s3_soften(err, &own);
}
