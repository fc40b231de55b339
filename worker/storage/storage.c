/*
 * storage/storage.c
 *	  The rules that hold for every kind of storage, in front of the kind's functions.
 */
#include "storage/storage.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
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
		   error_set(err, ERROR_PERMANENT, "bad_uri", NULL,
					 "\"%.200s\" is no name of a file in the storage", uri);
}

/* Is the storage open, and can its kind do this? */
#define NEED(storage, member, err)                                                       \
	need((storage), (storage)->kind != NULL && (storage)->kind->member != NULL, #member, \
		 err)

static bool
need(const Storage *storage, bool can, const char *what, Error *err)
{
	if (storage->kind == NULL)
		return error_set(err, ERROR_PERMANENT, "no_storage", NULL,
						 "the storage is not open");
	return can || error_set(err, ERROR_PERMANENT, "storage_cannot", NULL,
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
	if (storage->kind != NULL && storage->root >= 0)
		(void) close(storage->root);
	*storage = STORAGE_NONE;
}

bool
storage_create(const Storage *storage, const char *uri, int *fd, Error *err)
{
	return NEED(storage, create, err) && need_uri(uri, err) &&
		   storage->kind->create(storage, uri, fd, err);
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
	return NEED(storage, open, err) && need_uri(uri, err) &&
		   storage->kind->open(storage, uri, fd, bytes, err);
}

bool
storage_size(const Storage *storage, const char *uri, int64_t *bytes, Error *err)
{
	CLEANUP(close) int fd = -1;

	return storage_open(storage, uri, &fd, bytes, err);
}

bool
storage_remove(const Storage *storage, const char *uri, Error *err)
{
	return NEED(storage, remove, err) && need_uri(uri, err) &&
		   storage->kind->remove(storage, uri, err);
}

bool
storage_place(const Storage *storage, const char *uri, int folder_fd, const char *name,
			  Error *err)
{
	return NEED(storage, place, err) && need_uri(uri, err) &&
		   storage->kind->place(storage, uri, folder_fd, name, err);
}

bool
storage_list(const Storage *storage, const char *below, StorageVisit visit, void *arg,
			 Error *err)
{
	return NEED(storage, list, err) && (below[0] == '\0' || need_uri(below, err)) &&
		   storage->kind->list(storage, below, visit, arg, err);
}

bool
storage_space(const Storage *storage, StorageSpace *space, Error *err)
{
	return NEED(storage, space, err) && storage->kind->space(storage, space, err);
}
