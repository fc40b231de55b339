/*
 * storage/place.c
 *	  Putting a file that is open into a folder outside the storage.
 */
#include "storage/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "storage/copy.h"

#define PLACED_MODE 0644

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

bool
place_file(int from, int64_t bytes, int folder_fd, const char *name, Error *err)
{
	char itself[64];

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
