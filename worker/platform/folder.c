/*
 * platform/folder.c
 *	  A folder that appears as a whole.
 */
#include "platform/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"

#define HIDDEN_PREFIX ".new-"
#define HIDDEN_AGE    86400 /* seconds after which nobody works on it any more */
#define FOLDER_MODE   0755
#define FILE_MODE     0644

static void
hidden_name(char name[32])
{
	char unique[17];

	path_random_hex(unique, 16);
	snprintf(name, 32, HIDDEN_PREFIX "%s", unique);
}

bool
folder_name_is_hidden(const char *name)
{
	return strncmp(name, HIDDEN_PREFIX, strlen(HIDDEN_PREFIX)) == 0;
}

/* A folder, or the new version of a file. */
static void
remove_hidden(int parent_fd, const char *name)
{
	Error err;

	if (unlinkat(parent_fd, name, 0) == 0)
		return;
	if (!path_remove_tree(parent_fd, name, &err))
		log_warning("%s stays: %s", name, err.message);
}

/* A writer that was killed leaves its hidden folder behind. */
static void
sweep(int parent_fd)
{
	int again = openat(parent_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *parent = again >= 0 ? fdopendir(again) : NULL;
	struct dirent *entry;

	while (parent != NULL && (entry = readdir(parent)) != NULL)
	{
		struct stat status;

		if (folder_name_is_hidden(entry->d_name) &&
			fstatat(parent_fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
			time(NULL) - status.st_mtim.tv_sec > HIDDEN_AGE)
			remove_hidden(parent_fd, entry->d_name);
	}
	if (parent != NULL)
		(void) closedir(parent);
	else if (again >= 0)
		(void) close(again);
}

void
folder_prepare(Folder *folder, int parent_fd)
{
	folder->parent = parent_fd;
	folder->fd = -1;
	sweep(parent_fd);
	hidden_name(folder->hidden);
}

bool
folder_begin(Folder *folder, Error *err)
{
	int parent_fd = folder->parent;

	if (mkdirat(parent_fd, folder->hidden, FOLDER_MODE) < 0)
		return error_errno(err, "library_failed", "cannot make a folder in the library");
	folder->fd = openat(parent_fd, folder->hidden,
						O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* whatever umask the process has: published is for all to read */
	return (folder->fd >= 0 && fchmod(folder->fd, FOLDER_MODE) == 0) ||
		   error_errno(err, "library_failed", "cannot open a folder in the library");
}

static bool
write_file(int folder_fd, const char *name, const char *bytes, size_t length, Error *err)
{
	CLEANUP(close)
	int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
					FILE_MODE);

	if (fd < 0)
		return error_errno(err, "library_failed", "cannot create \"%s\"", name);
	while (length > 0)
	{
		ssize_t written = write(fd, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return error_errno(err, "library_failed", "cannot write \"%s\"", name);
		bytes += written;
		length -= (size_t) written;
	}
	return (fchmod(fd, FILE_MODE) == 0 && fsync(fd) == 0) ||
		   error_errno(err, "library_failed", "cannot store \"%s\"", name);
}

bool
folder_write(const Folder *folder, const char *name, const void *bytes, size_t length,
			 Error *err)
{
	return write_file(folder->fd, name, bytes, length, err);
}

bool
folder_finish(const Folder *folder, Error *err)
{
	return fsync(folder->fd) == 0 ||
		   error_errno(err, "library_failed", "cannot store the lesson's folder");
}

bool
folder_show(Folder *folder, const char *name, Error *err)
{
	bool replaced = false;

	if (renameat2(folder->parent, folder->hidden, folder->parent, name,
				  RENAME_NOREPLACE) < 0)
	{
		replaced =
			errno == EEXIST && renameat2(folder->parent, folder->hidden, folder->parent,
										 name, RENAME_EXCHANGE) == 0;
		if (!replaced)
			return error_errno(err, "library_failed", "cannot show the lesson as \"%s\"",
							   name);
	}
	if (fsync(folder->parent) < 0)
		return error_errno(err, "library_failed", "cannot store the library's folder");
	(void) close(folder->fd);
	folder->fd = -1;
	if (replaced)
		remove_hidden(folder->parent, folder->hidden);
	return true;
}

void
cleanup_folder(Folder *folder)
{
	if (folder->fd < 0)
		return;
	(void) close(folder->fd);
	folder->fd = -1;
	remove_hidden(folder->parent, folder->hidden);
}

bool
folder_replace_file(int folder_fd, const char *name, const void *bytes, size_t length,
					Error *err)
{
	char hidden[32];
	bool written;

	hidden_name(hidden);
	written = write_file(folder_fd, hidden, bytes, length, err);
	if (written && renameat(folder_fd, hidden, folder_fd, name) == 0)
		return true;
	if (written)
		error_errno(err, "library_failed", "cannot replace \"%s\"", name);
	(void) unlinkat(folder_fd, hidden, 0);
	return false;
}
