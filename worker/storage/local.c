/*
 * storage/local.c
 *	  Storage in a folder of this machine.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "storage/beneath.h"
#include "storage/copy.h"
#include "storage/storage.h"

#define FOLDER_MODE 0750
#define FILE_MODE   0640
#define PLACED_MODE 0644
#define DEEPEST     16

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
		return error_set(err, ERROR_PERMANENT, "file_missing", NULL,
						 "\"%.300s\" in the storage is no file", uri);
	}
	if (bytes != NULL)
		*bytes = status.st_size;
	*fd = opened;
	return true;
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
copy_into(int from, int64_t bytes, int folder_fd, const char *name, Error *err)
{
	CLEANUP(close)
	int to = openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
					PLACED_MODE);

	if (to < 0)
		return error_errno(err, "storage_failed", "cannot create \"%.200s\"", name);
	if (!copy_file(from, to, bytes, NULL, NULL, err))
		return false;
	return (fchmod(to, PLACED_MODE) == 0 && fsync(to) == 0) ||
		   error_errno(err, "storage_failed", "cannot store \"%.200s\"", name);
}

static bool
local_place(const Storage *storage, const char *uri, int folder_fd, const char *name,
			Error *err)
{
	CLEANUP(close) int from = -1;
	char itself[64];
	int64_t bytes;

	if (!local_open(storage, uri, &from, &bytes, err))
		return false;
	/* the open file itself, not its name: nobody can put another file there meanwhile */
	snprintf(itself, sizeof itself, "/proc/self/fd/%d", from);
	if (linkat(AT_FDCWD, itself, folder_fd, name, AT_SYMLINK_FOLLOW) == 0)
	{
		/* the name in the storage stays closed by its folders */
		(void) fchmod(from, PLACED_MODE);
		return true;
	}
	if (errno == EEXIST)
		return error_errno(err, "storage_failed", "cannot create \"%.200s\"", name);
	return copy_into(from, bytes, folder_fd, name, err);
}

typedef struct Walk
{
	StorageVisit visit;
	void *arg;
	double now;
	bool stopped;
	char uri[PATH_SIZE];
} Walk;

static bool walk_folder(Walk *walk, int folder_fd, size_t length, int depth, Error *err);

/* One entry of a folder; walk->uri is its name of `length` bytes. */
static bool
walk_entry(Walk *walk, int folder_fd, const char *name, size_t length, int depth,
		   Error *err)
{
	struct stat status;

	if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || /* removed meanwhile */
			   error_errno(err, "storage_failed", "cannot look at \"%.300s\"", walk->uri);
	if (S_ISDIR(status.st_mode))
	{
		int below =
			openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (below < 0 && errno == ENOENT)
			return true;
		if (below < 0)
			return error_errno(err, "storage_failed", "cannot open \"%.300s\"",
							   walk->uri);
		return walk_folder(walk, below, length, depth + 1, err);
	}
	if (S_ISREG(status.st_mode))
	{
		StorageFile file = {.uri = walk->uri,
							.bytes = status.st_size,
							.age = walk->now - (double) status.st_mtim.tv_sec};

		walk->stopped = !walk->visit(walk->arg, &file);
	}
	return true;
}

/* Walks an open folder (taken over) whose URI has `length` bytes. */
static bool
walk_folder(Walk *walk, int folder_fd, size_t length, int depth, Error *err)
{
	DIR *folder = fdopendir(folder_fd);
	struct dirent *entry;
	bool done = true;

	if (folder == NULL)
	{
		(void) close(folder_fd);
		return error_errno(err, "storage_failed", "cannot read \"%.300s\"", walk->uri);
	}
	while (done && !walk->stopped && (entry = readdir(folder)) != NULL)
	{
		int added = snprintf(walk->uri + length, sizeof walk->uri - length, "%s%s",
							 length > 0 ? "/" : "", entry->d_name);

		if (depth < DEEPEST && added > 0 && (size_t) added < sizeof walk->uri - length &&
			storage_uri_is_valid(walk->uri))
			done = walk_entry(walk, folder_fd, entry->d_name, length + (size_t) added,
							  depth, err);
	}
	(void) closedir(folder);
	return done;
}

static bool
local_list(const Storage *storage, const char *below, StorageVisit visit, void *arg,
		   Error *err)
{
	Walk walk = {.visit = visit, .arg = arg, .now = (double) time(NULL)};
	int folder = beneath_open(storage->root, below[0] != '\0' ? below : ".",
							  O_RDONLY | O_DIRECTORY, 0);

	if (folder < 0 && errno == ENOENT)
		return true;
	if (folder < 0)
		return error_errno(err, "storage_failed", "cannot open \"%.300s\"", below);
	snprintf(walk.uri, sizeof walk.uri, "%s", below);
	return walk_folder(&walk, folder, strlen(walk.uri), 0, err);
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

const StorageKind storage_local = {
	.name = "local",
	.create = local_create,
	.commit = local_commit,
	.open = local_open,
	.remove = local_remove,
	.place = local_place,
	.list = local_list,
	.space = local_space,
};
