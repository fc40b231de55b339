/*
 * storage/storage.c
 *	  The rules that hold for every kind of storage, in front of the kind's functions.
 */
#include "storage/storage.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

bool
storage_uri_is_valid(const char *uri)
{
	const char *part = uri;

	if (!path_is_inside(uri) || strcmp(uri, "tmp") == 0 || strncmp(uri, "tmp/", 4) == 0)
		return false;
	while (part != NULL)
	{
		if (*part == '.')
			return false;
		part = strchr(part, '/');
		part = part != NULL ? part + 1 : NULL;
	}
	return true;
}

static bool
need_uri(const char *uri, Error *err)
{
	return storage_uri_is_valid(uri) ||
		   error_set(err, ERROR_PERMANENT, "bad_uri", HINT_BUG,
					 "\"%.200s\" is no name of a file in the storage", uri);
}

/* Is the storage open, and can its kind do this? */
#define NEED(storage, member, err)                                   \
	(((storage)->kind != NULL && (storage)->kind->member != NULL) || \
	 cannot((storage), #member, err))

/* Always false. */
static bool
cannot(const Storage *storage, const char *what, Error *err)
{
	if (storage->kind == NULL)
		return error_set(err, ERROR_PERMANENT, "no_storage",
						 "Name a storage (--storage).", "the storage is not open");
	return error_set(err, ERROR_PERMANENT, "storage_cannot", HINT_BUG,
					 "%s storage cannot %s", storage->kind->name, what);
}

bool
storage_open_at(Storage *storage, const char *where, Error *err)
{
	*storage = STORAGE_NONE;
	if (where[0] != '/' || strlen(where) >= sizeof storage->path)
		return error_set(err, ERROR_PERMANENT, "bad_storage",
						 "Set the option storage to an absolute folder.",
						 "storage \"%.200s\" is no absolute path", where);
	storage->root = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (storage->root < 0)
		return error_errno(err, "storage_unreachable", "cannot open storage \"%.300s\"",
						   where);
	snprintf(storage->path, sizeof storage->path, "%s", where);
	storage->kind = &storage_local;
	return true;
}

void
storage_close(Storage *storage)
{
	if (storage->older != NULL)
		storage_close(storage->older);
	free(storage->older);
	if (storage->kind != NULL && storage->kind->close != NULL)
		storage->kind->close(storage);
	if (storage->kind != NULL && storage->root >= 0)
		(void) close(storage->root);
	*storage = STORAGE_NONE;
}

static bool
ask(void *arg, double fraction, const char *step)
{
	const Reporter *reporter = arg;

	(void) fraction;
	return reporter->progress(reporter->arg, REPORT_NOTHING, step);
}

void
storage_report(Storage *storage, Reporter *reporter)
{
	storage->asking = (Reporter){.progress = ask, .arg = reporter};
	storage->reporter = &storage->asking;
	if (storage->older != NULL)
		storage_report(storage->older, reporter);
}

/* Is it worth looking in the storage before? */
static bool
may_be_older(const Storage *storage, const Error *err)
{
	return storage->older != NULL && strcmp(err->code, "file_missing") == 0;
}

static bool
tell(Error *err, const Error *own)
{
	if (err != NULL)
		*err = *own;
	return false;
}

bool
storage_create(const Storage *storage, const char *uri, int *fd, Error *err)
{
	return NEED(storage, create, err) && need_uri(uri, err) &&
		   storage->kind->create(storage, uri, fd, err);
}

bool
storage_resume(const Storage *storage, const char *uri, int *fd, Error *err)
{
	return NEED(storage, resume, err) && need_uri(uri, err) &&
		   storage->kind->resume(storage, uri, fd, err);
}

bool
storage_commit(const Storage *storage, const char *uri, int fd, int64_t *bytes,
			   Error *err)
{
	return NEED(storage, commit, err) && need_uri(uri, err) &&
		   storage->kind->commit(storage, uri, fd, bytes, err);
}

bool
storage_open(const Storage *storage, const char *uri, int *fd, int64_t *bytes, Error *err)
{
	Error own = {0};

	if (!NEED(storage, open, err) || !need_uri(uri, err))
		return false;
	if (storage->kind->open(storage, uri, fd, bytes, &own))
		return true;
	if (!may_be_older(storage, &own))
		return tell(err, &own);
	return storage_open(storage->older, uri, fd, bytes, err);
}

bool
storage_size(const Storage *storage, const char *uri, int64_t *bytes, Error *err)
{
	Error own = {0};

	if (!NEED(storage, size, err) || !need_uri(uri, err))
		return false;
	if (storage->kind->size(storage, uri, bytes, &own))
		return true;
	if (!may_be_older(storage, &own))
		return tell(err, &own);
	return storage_size(storage->older, uri, bytes, err);
}

bool
storage_remove(const Storage *storage, const char *uri, Error *err)
{
	return NEED(storage, remove, err) && need_uri(uri, err) &&
		   storage->kind->remove(storage, uri, err) &&
		   (storage->older == NULL || storage_remove(storage->older, uri, err));
}

bool
storage_place(const Storage *storage, const char *uri, int folder_fd, const char *name,
			  Error *err)
{
	Error own = {0};

	if (!NEED(storage, place, err) || !need_uri(uri, err))
		return false;
	if (storage->kind->place(storage, uri, folder_fd, name, &own))
		return true;
	if (!may_be_older(storage, &own))
		return tell(err, &own);
	return storage_place(storage->older, uri, folder_fd, name, err);
}

bool
storage_digest(const Storage *storage, const char *uri, char sha256[HASH_HEX_SIZE],
			   int64_t *bytes, Error *err)
{
	return NEED(storage, digest, err) && need_uri(uri, err) &&
		   storage->kind->digest(storage, uri, sha256, bytes, err);
}

bool
storage_take(const Storage *storage, const char *uri, int from, int64_t bytes,
			 const char *sha256, Error *err)
{
	return NEED(storage, take, err) && need_uri(uri, err) &&
		   storage->kind->take(storage, uri, from, bytes, sha256, err);
}

bool
storage_is_remote(const Storage *storage)
{
	for (; storage != NULL; storage = storage->older)
		if (storage->kind != NULL && storage->kind->link != NULL)
			return true;
	return false;
}

bool
storage_has_links(const Storage *storage)
{
	return storage->kind != NULL && storage->kind->link != NULL && storage->older == NULL;
}

bool
storage_link(const Storage *storage, const char *uri, const StorageLink *link, char *url,
			 size_t size, Error *err)
{
	return NEED(storage, link, err) && need_uri(uri, err) &&
		   storage->kind->link(storage, uri, link, url, size, err);
}

bool
storage_check(const Storage *storage, Error *err)
{
	return NEED(storage, check, err) && storage->kind->check(storage, err) &&
		   (storage->older == NULL || storage_check(storage->older, err));
}

bool
storage_sweep(const Storage *storage, double seconds, const cJSON *keep, Error *err)
{
	return (storage->kind != NULL || cannot(storage, "sweep", err)) &&
		   (storage->kind->sweep == NULL ||
			storage->kind->sweep(storage, seconds, keep, err)) &&
		   (storage->older == NULL || storage_sweep(storage->older, seconds, keep, err));
}

/* A walk over two storages ends in both. */
typedef struct Passing
{
	StorageVisit visit;
	void *arg;
	bool stopped;
} Passing;

static bool
pass(void *arg, const StorageFile *file)
{
	Passing *passing = arg;

	passing->stopped = !passing->visit(passing->arg, file);
	return !passing->stopped;
}

bool
storage_list(const Storage *storage, const char *below, StorageVisit visit, void *arg,
			 Error *err)
{
	Passing passing = {.visit = visit, .arg = arg};

	if (!NEED(storage, list, err) || (below[0] != '\0' && !need_uri(below, err)) ||
		!storage->kind->list(storage, below, pass, &passing, err))
		return false;
	return passing.stopped || storage->older == NULL ||
		   storage_list(storage->older, below, visit, arg, err);
}

bool
storage_space(const Storage *storage, StorageSpace *space, Error *err)
{
	return NEED(storage, space, err) && storage->kind->space(storage, space, err);
}
