/*
 * storage/local.c
 *	  Storage in a folder of this machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "storage/beneath.h"
#include "storage/copy.h"
#include "storage/local.h"
#include "storage/place.h"
#include "storage/storage.h"

#define FOLDER_MODE 0750
#define FILE_MODE   0640

/* Splits a URI: the folder into `folder` ("" when there is none); returns the file name. */
static const char *
split_uri(const char *uri, char folder[PATH_SIZE])
{
	const char *slash = strrchr(uri, '/');
	size_t length = slash != NULL ? (size_t) (slash - uri) : 0;

	if (length >= PATH_SIZE)
		length = 0;
	memcpy(folder, uri, length);
	folder[length] = '\0';
	return slash != NULL ? slash + 1 : uri;
}

static bool
open_folder_of(const Storage *storage, const char *uri, bool make, int *fd,
			   const char **name, Error *err)
{
	char folder[PATH_SIZE];

	*name = split_uri(uri, folder);
	if (make && folder[0] != '\0')
		return path_make_folders(storage->root, folder, FOLDER_MODE, fd, err);
	*fd = beneath_open(storage->root, folder[0] != '\0' ? folder : ".",
					   O_RDONLY | O_DIRECTORY, 0);
	return *fd >= 0 || error_errno(err, "storage_failed",
								   "cannot open the folder of \"%.300s\"", uri);
}

static bool
local_create(const Storage *storage, const char *uri, int *fd, Error *err)
{
	CLEANUP(close) int folder = -1;
	const char *name;

	if (!open_folder_of(storage, uri, true, &folder, &name, err))
		return false;
	*fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				 FILE_MODE);
	return *fd >= 0 ||
		   error_errno(err, "storage_failed", "cannot create \"%.300s\"", uri);
}

static bool
local_resume(const Storage *storage, const char *uri, int *fd, Error *err)
{
	*fd = beneath_open(storage->root, uri, O_RDWR | O_NONBLOCK, 0);
	if (*fd < 0 && errno == ENOENT)
		return error_set(err, ERROR_PERMANENT, "file_missing", "Begin anew.",
						 "the storage has no file \"%.300s\"", uri);
	return *fd >= 0 || error_errno(err, "storage_failed", "cannot open \"%.300s\"", uri);
}

static bool
local_commit(const Storage *storage, const char *uri, int fd, int64_t *bytes, Error *err)
{
	CLEANUP(close) int folder = -1;
	struct stat status;
	const char *name;

	if (!open_folder_of(storage, uri, false, &folder, &name, err))
		return false;
	if (fsync(fd) < 0 || fstat(fd, &status) < 0 || fsync(folder) < 0)
		return error_errno(err, "storage_failed", "cannot store \"%.300s\"", uri);
	if (bytes != NULL)
		*bytes = status.st_size;
	return true;
}

static bool
local_open(const Storage *storage, const char *uri, int *fd, int64_t *bytes, Error *err)
{
	struct stat status;
	int opened = beneath_open(storage->root, uri, O_RDONLY | O_NONBLOCK, 0);

	if (opened < 0 && errno == ENOENT)
		return error_set(err, ERROR_PERMANENT, "file_missing",
						 "Restore the file from a backup, or reset the recording.",
						 "the storage has no file \"%.300s\"", uri);
	if (opened < 0)
		return error_errno(err, "storage_failed", "cannot open \"%.300s\"", uri);
	if (fstat(opened, &status) < 0 || !S_ISREG(status.st_mode))
	{
		(void) close(opened);
		return error_set(err, ERROR_PERMANENT, "file_missing",
						 "Put the file back from a backup, or run the recording again "
						 "(leap run --force RECORDING).",
						 "\"%.300s\" in the storage is no file", uri);
	}
	if (bytes != NULL)
		*bytes = status.st_size;
	*fd = opened;
	return true;
}

/* What is told of a copy. */
typedef struct Copying
{
	const Reporter *reporter; /* NULL = nobody listens */
	double bytes;
} Copying;

static bool
tell_copied(void *arg, int64_t copied)
{
	const Copying *copying = arg;

	return copying->reporter == NULL ||
		   copying->reporter->progress(copying->reporter->arg,
									   (double) copied / copying->bytes, "storing");
}

/* Makes the copy beside work folders, under a name that another try takes again, and puts it
 * in its place when it is whole. */
static bool
local_take(const Storage *storage, const char *uri, int from, int64_t bytes,
		   const char *sha256, Error *err)
{
	CLEANUP(close) int tmp = -1;
	CLEANUP(close) int folder = -1;
	CLEANUP(close) int to = -1;
	char copied[HASH_HEX_SIZE];
	Copying copying = {.reporter = storage->reporter, .bytes = (double) bytes};
	const char *name;

	if (!path_make_folders(storage->root, "tmp", 0700, &tmp, err) ||
		!open_folder_of(storage, uri, true, &folder, &name, err))
		return false;
	to =
		openat(tmp, name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (to < 0)
		return error_errno(err, "storage_failed", "cannot create \"%.300s\"", uri);
	if (!copy_file(from, to, bytes, tell_copied, &copying, err) ||
		!hash_file(to, copied, NULL, err))
		return false;
	if (strcmp(copied, sha256) != 0)
		return error_set(err, ERROR_TRANSIENT, "transfer_damaged", NULL,
						 "the copy of \"%.300s\" is not what was read", uri);
	return (fsync(to) == 0 && renameat(tmp, name, folder, name) == 0 &&
			fsync(folder) == 0) ||
		   error_errno(err, "storage_failed", "cannot store \"%.300s\"", uri);
}

static bool
local_remove(const Storage *storage, const char *uri, Error *err)
{
	CLEANUP(close) int folder = -1;
	char path[PATH_SIZE];
	const char *name = split_uri(uri, path);

	folder = beneath_open(storage->root, path[0] != '\0' ? path : ".",
						  O_RDONLY | O_DIRECTORY, 0);
	if (folder < 0 && errno == ENOENT)
		return true;
	if (folder < 0 || (unlinkat(folder, name, 0) < 0 && errno != ENOENT))
		return error_errno(err, "storage_failed", "cannot remove \"%.300s\"", uri);
	return true;
}

static bool
local_place(const Storage *storage, const char *uri, int folder_fd, const char *name,
			Error *err)
{
	CLEANUP(close) int from = -1;
	int64_t bytes;

	return local_open(storage, uri, &from, &bytes, err) &&
		   place_file(from, bytes, folder_fd, name, err);
}

static bool
local_size(const Storage *storage, const char *uri, int64_t *bytes, Error *err)
{
	CLEANUP(close) int fd = -1;

	return local_open(storage, uri, &fd, bytes, err);
}

static bool
local_digest(const Storage *storage, const char *uri, char sha256[HASH_HEX_SIZE],
			 int64_t *bytes, Error *err)
{
	CLEANUP(close) int fd = -1;

	return local_open(storage, uri, &fd, NULL, err) && hash_file(fd, sha256, bytes, err);
}

static bool
local_space(const Storage *storage, StorageSpace *space, Error *err)
{
	struct statvfs status;

	if (fstatvfs(storage->root, &status) < 0)
		return error_errno(err, "storage_failed", "cannot ask for the space left");
	space->free_bytes = (int64_t) status.f_bavail * (int64_t) status.f_frsize;
	space->total_bytes = (int64_t) status.f_blocks * (int64_t) status.f_frsize;
	return true;
}

static bool
local_check(const Storage *storage, Error *err)
{
	StorageSpace space;

	return local_space(storage, &space, err);
}

const StorageKind storage_local = {
	.name = "local",
	.create = local_create,
	.resume = local_resume,
	.commit = local_commit,
	.open = local_open,
	.remove = local_remove,
	.place = local_place,
	.list = storage_local_walk,
	.space = local_space,
	.take = local_take,
	.size = local_size,
	.digest = local_digest,
	.check = local_check,
	.owner = storage_local_owner,
};
