/*
 * storage/s3.c
 *	  Storage in a bucket of S3, behind a spool of this machine.
 *
 * A file is made in the spool and stored by its commit; its object carries the SHA-256 of what
 * was made (x-amz-meta-leap), by which whoever fetches it knows that it is whole. A process
 * that is killed leaves no object, at most parts of one and a file in the spool: storage_sweep
 * takes both. Objects are read into the spool as whole files: then they can be sought in.
 */
#include "storage/s3.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "net/fetch.h"
#include "net/s3_upload.h"
#include "storage/place.h"

#define KEY_SIZE (S3_KEY_MOST + 1)
#define FETCH_SECONDS \
	(6 * 3600) /* how long the link is good by which a file is fetched */
#define PIECE ((int64_t) 8 << 20)

S3
storage_s3_client(const Storage *storage)
{
	const StorageS3 *s3 = storage->s3;

	return (S3){.endpoint = s3->endpoint,
				.region = s3->region,
				.bucket = s3->bucket,
				.path_style = s3->path_style,
				.access_key_id = s3->access_key_id,
				.secret_access_key = s3->secret_access_key,
				.session_token = s3->session_token,
				.allow_private = true,
				.reporter = storage->reporter,
				.signs_all = true};
}

static bool
key_of(const Storage *storage, const char *uri, char key[KEY_SIZE], Error *err)
{
	int length = snprintf(key, KEY_SIZE, "%s%s", storage->s3->prefix, uri);

	return (length > 0 && length < KEY_SIZE) ||
		   error_set(err, ERROR_PERMANENT, "bad_uri",
					 "Choose a shorter prefix in --storage.",
					 "\"%.200s\" is too long for a key of S3", uri);
}

void
storage_s3_spool_name(const Storage *storage, const char *uri,
					  char name[STORAGE_S3_NAME_SIZE])
{
	(void) snprintf(name, STORAGE_S3_NAME_SIZE, "%s%s", storage->s3->place, uri);
}

static bool
s3_create(const Storage *storage, const char *uri, int *fd, Error *err)
{
	char name[STORAGE_S3_NAME_SIZE];

	storage_s3_spool_name(storage, uri, name);
	return spool_create(&storage->s3->spool, name, fd, err);
}

static bool
s3_resume(const Storage *storage, const char *uri, int *fd, Error *err)
{
	char name[STORAGE_S3_NAME_SIZE];

	storage_s3_spool_name(storage, uri, name);
	return spool_resume(&storage->s3->spool, name, fd, err);
}

bool
storage_s3_soften(Error *err, const Error *own)
{
	if (err != NULL)
	{
		*err = *own;
		if (own->class == ERROR_CREDENTIAL || own->class == ERROR_INPUT)
			err->class = ERROR_PERMANENT;
	}
	return false;
}

static bool
s3_take(const Storage *storage, const char *uri, int fd, int64_t bytes,
		const char *sha256, Error *err)
{
	char key[KEY_SIZE];
	char etag[S3_ETAG_SIZE];
	S3 s3 = storage_s3_client(storage);
	S3UploadState state = {.part_size = 0};
	Error own = {0};
	S3Upload upload = {.s3 = &s3,
					   .key = key,
					   .facts = {.mark = sha256},
					   .fd = fd,
					   .bytes = bytes,
					   .sha256 = sha256,
					   .share_to = 1,
					   .step = "storing"};

	if (!key_of(storage, uri, key, err))
		return false;
	if (s3_upload(&upload, &state, etag, &own))
		return true;
	/* nobody goes on with its parts */
	s3.reporter = NULL;
	if (own.class != ERROR_LOST && state.upload[0] != '\0' &&
		!s3_upload_forget(&s3, key, &state, NULL))
		log_info("parts of %s stay until the sweep", uri);
	return storage_s3_soften(err, &own);
}

static bool
s3_commit(const Storage *storage, const char *uri, int fd, int64_t *bytes, Error *err)
{
	char name[STORAGE_S3_NAME_SIZE];
	char sha256[HASH_HEX_SIZE];
	struct stat status;

	/* on disk, as it is also a copy that others read from here */
	if (fdatasync(fd) < 0 || fstat(fd, &status) < 0)
		return error_errno(err, "storage_failed", "cannot store \"%.300s\"", uri);
	if (!hash_file(fd, sha256, NULL, err) ||
		!s3_take(storage, uri, fd, status.st_size, sha256, err))
		return false;
	storage_s3_spool_name(storage, uri, name);
	spool_keep(&storage->s3->spool, name);
	if (bytes != NULL)
		*bytes = status.st_size;
	return true;
}

static bool
missing(const char *uri, Error *err)
{
	return error_set(err, ERROR_PERMANENT, "file_missing",
					 "Restore the file from a backup, or reset the recording.",
					 "the storage has no file \"%.300s\"", uri);
}

static bool
look(const Storage *storage, const char *uri, S3Object *object, Error *err)
{
	char key[KEY_SIZE];
	S3 s3 = storage_s3_client(storage);
	Error own = {0};
	bool found;

	if (!key_of(storage, uri, key, err))
		return false;
	if (!s3_head(&s3, key, &found, object, &own))
		return storage_s3_soften(err, &own);
	return found || missing(uri, err);
}

static int64_t
free_bytes(const Storage *storage)
{
	struct statvfs status;

	return fstatvfs(storage->s3->spool.fd, &status) < 0
			   ? INT64_MAX
			   : (int64_t) status.f_bavail * (int64_t) status.f_frsize;
}

/* Fetches an object into an empty file, and makes sure that it is what was stored. */
static bool
fetch_object(const Storage *storage, const char *uri, const S3Object *object, int fd,
			 Error *err)
{
	FetchState state = FETCH_STATE_NEW;
	char key[KEY_SIZE];
	char url[URL_SIZE];
	char sha256[HASH_HEX_SIZE];
	const S3 s3 = storage_s3_client(storage);
	const Fetch fetch = {.url = url,
						 .fd = fd,
						 .most_bytes = S3_OBJECT_MOST,
						 .free_bytes = free_bytes(storage),
						 .allow_private_addresses = true,
						 .reporter = storage->reporter,
						 .to = 1};
	Error own = {0};

	if (!key_of(storage, uri, key, err) ||
		!s3_link(&s3, "GET", key, FETCH_SECONDS, NULL, url, err))
		return false;
	if (!fetch_file(&fetch, &state, sha256, &own))
		return own.status == 404 ? missing(uri, err) : storage_s3_soften(err, &own);
	if (state.offset != object->bytes ||
		(strlen(object->mark) == HASH_HEX_SIZE - 1 && strcmp(object->mark, sha256) != 0))
		return error_set(err, ERROR_PERMANENT, "artifact_changed",
						 "Someone changed the storage; run the earlier stages again.",
						 "\"%.200s\" is not what was stored", uri);
	return fdatasync(fd) == 0 ||
		   error_errno(err, "storage_failed", "cannot keep \"%.200s\"", uri);
}

static bool
s3_open(const Storage *storage, const char *uri, int *fd, int64_t *bytes, Error *err)
{
	const Spool *spool = &storage->s3->spool;
	CLEANUP(close) int fetched = -1;
	char name[STORAGE_S3_NAME_SIZE];
	char part[SPOOL_NAME_SIZE];
	S3Object object;
	int64_t own;

	storage_s3_spool_name(storage, uri, name);
	if (spool_find(spool, name, fd, bytes != NULL ? bytes : &own))
		return true;
	if (!look(storage, uri, &object, err) || !spool_begin(spool, part, &fetched, err))
		return false;
	if (!fetch_object(storage, uri, &object, fetched, err) ||
		lseek(fetched, 0, SEEK_SET) < 0)
	{
		spool_drop(spool, part);
		return false;
	}
	spool_take(spool, part, name);
	*fd = fetched;
	fetched = -1;
	if (bytes != NULL)
		*bytes = object.bytes;
	return true;
}

static bool
s3_remove(const Storage *storage, const char *uri, Error *err)
{
	char key[KEY_SIZE];
	char name[STORAGE_S3_NAME_SIZE];
	S3 s3 = storage_s3_client(storage);
	Error own = {0};

	storage_s3_spool_name(storage, uri, name);
	if (!spool_forget(&storage->s3->spool, name, err) || !key_of(storage, uri, key, err))
		return false;
	return s3_delete(&s3, key, &own) || storage_s3_soften(err, &own);
}

static bool
s3_place_in(const Storage *storage, const char *uri, int folder_fd, const char *name,
			Error *err)
{
	CLEANUP(close) int from = -1;
	int64_t bytes;

	return s3_open(storage, uri, &from, &bytes, err) &&
		   place_file(from, bytes, folder_fd, name, err);
}

static bool
s3_space(const Storage *storage, StorageSpace *space, Error *err)
{
	struct statvfs status;

	if (fstatvfs(storage->s3->spool.fd, &status) < 0)
		return error_errno(err, "storage_failed", "cannot ask for the space left");
	space->free_bytes = (int64_t) status.f_bavail * (int64_t) status.f_frsize;
	space->total_bytes = (int64_t) status.f_blocks * (int64_t) status.f_frsize;
	return true;
}

static bool
s3_size(const Storage *storage, const char *uri, int64_t *bytes, Error *err)
{
	S3Object object;

	if (!look(storage, uri, &object, err))
		return false;
	*bytes = object.bytes;
	return true;
}

/* Piece by piece: nothing is kept. */
static bool
s3_digest_of(const Storage *storage, const char *uri, char sha256[HASH_HEX_SIZE],
			 int64_t *bytes, Error *err)
{
	CLEANUP(hash) Hash hash = {NULL};
	char key[KEY_SIZE];
	S3 s3 = storage_s3_client(storage);
	S3Object object;
	Error own = {0};

	if (!look(storage, uri, &object, err) || !key_of(storage, uri, key, err))
		return false;
	hash_begin(&hash);
	for (int64_t from = 0; from < object.bytes; from += PIECE)
	{
		CLEANUP(buffer) Buffer piece;
		int64_t to = from + PIECE < object.bytes ? from + PIECE : object.bytes;

		buffer_init(&piece);
		if (!s3_get(&s3, key, from, to, (size_t) PIECE, &piece, &own))
			return storage_s3_soften(err, &own);
		hash_update(&hash, piece.data, piece.length);
	}
	hash_finish(&hash, sha256);
	if (bytes != NULL)
		*bytes = object.bytes;
	return true;
}

static bool
s3_link_to(const Storage *storage, const char *uri, const StorageLink *link, char *url,
		   size_t size, Error *err)
{
	char key[KEY_SIZE];
	char whole[URL_SIZE];
	const S3 s3 = storage_s3_client(storage);
	const S3Pair query[] = {
		{"response-content-disposition", link->disposition},
		{"response-content-type",        link->media_type },
		{NULL,						   NULL             }
    };

	if (!key_of(storage, uri, key, err) ||
		!s3_link(&s3, link->method, key, link->seconds, query, whole, err))
		return false;
	(void) snprintf(url, size, "%s", whole);
	return strlen(whole) < size ||
		   error_set(err, ERROR_PERMANENT, "bad_uri",
					 "Choose a shorter prefix in --storage.", "the link is too long");
}

static bool
visit_none(void *arg, const S3Object *object)
{
	(void) arg;
	(void) object;
	return false;
}

static bool
s3_check(const Storage *storage, Error *err)
{
	S3 s3 = storage_s3_client(storage);

	return s3_list(&s3, storage->s3->prefix, NULL, 1, visit_none, NULL, err);
}

static void
s3_close(Storage *storage)
{
	StorageS3 *s3 = storage->s3;

	if (s3 == NULL)
		return;
	if (s3->spool.fd >= 0)
		(void) close(s3->spool.fd);
	free(s3->access_key_id);
	if (s3->secret_access_key != NULL)
		explicit_bzero(s3->secret_access_key, strlen(s3->secret_access_key));
	free(s3->secret_access_key);
	free(s3->session_token);
	free(s3);
	storage->s3 = NULL;
}

bool
storage_s3_open(Storage *storage, const char *where, const cJSON *settings, Error *err)
{
	StorageS3 *s3 = calloc(1, sizeof *s3);
	S3 known;

	*storage = STORAGE_NONE;
	if (s3 == NULL)
		return error_errno(err, "memory", "cannot open the storage");
	s3->spool.fd = -1;
	storage->kind = &storage_s3;
	storage->s3 = s3;
	s3->access_key_id = strdup(json_text(settings, "keys.access_key_id", ""));
	s3->secret_access_key = strdup(json_text(settings, "keys.secret_access_key", ""));
	s3->session_token = strdup(json_text(settings, "keys.session_token", ""));
	if (!storage_s3_read(s3, where, err))
		return false;
	(void) snprintf(storage->path, sizeof storage->path, "%s", s3->place);
	known = storage_s3_client(storage);
	return s3_check_settings(&known, err) &&
		   spool_open(&s3->spool, json_text(settings, "spool", ""),
					  json_int64(settings, "spool_bytes", 0), err);
}

const StorageKind storage_s3 = {
	.name = "S3",
	.create = s3_create,
	.resume = s3_resume,
	.commit = s3_commit,
	.open = s3_open,
	.remove = s3_remove,
	.place = s3_place_in,
	.list = storage_s3_walk,
	.space = s3_space,
	.take = s3_take,
	.size = s3_size,
	.digest = s3_digest_of,
	.link = s3_link_to,
	.check = s3_check,
	.owner = storage_s3_owner,
	.sweep = storage_s3_sweep,
	.close = s3_close,
};
