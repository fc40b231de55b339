/*
 * storage/local_owner.c
 *	  The file in a folder that says to which database it belongs.
 */
#include "storage/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "storage/beneath.h"

/* *there is false when nobody claimed it. */
static bool
read_owner(const Storage *storage, bool *there, char owner[STORAGE_OWNER_SIZE],
		   Error *err)
{
	CLEANUP(close)
	int fd = beneath_open(storage->root, STORAGE_OWNER_FILE, O_RDONLY | O_NONBLOCK, 0);
	ssize_t length;

	*there = fd >= 0 || errno != ENOENT;
	if (!*there)
		return true;
	length = fd >= 0 ? read(fd, owner, STORAGE_OWNER_SIZE - 1) : -1;
	if (length < 0)
		return error_errno(err, "storage_failed", "cannot read \"%s\" of the storage",
						   STORAGE_OWNER_FILE);
	owner[length] = '\0';
	owner[strcspn(owner, "\n")] = '\0';
	if (owner[0] == '\0')
		(void) snprintf(owner, STORAGE_OWNER_SIZE, "unknown");
	return true;
}

/* It appears whole, or another one's is there already. */
static bool
write_owner(const Storage *storage, const char *database, Error *err)
{
	char name[64];
	char unique[17];
	bool done;
	int fd;

	path_random_hex(unique, 16);
	(void) snprintf(name, sizeof name, STORAGE_OWNER_FILE "-%s", unique);
	fd = openat(storage->root, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return error_errno(err, "storage_failed", "cannot write \"%s\" into the storage",
						   STORAGE_OWNER_FILE);
	done = dprintf(fd, "%s\n", database) > 0 && fsync(fd) == 0 &&
		   (linkat(storage->root, name, storage->root, STORAGE_OWNER_FILE, 0) == 0 ||
			errno == EEXIST) &&
		   fsync(storage->root) == 0;
	if (!done)
		(void) error_errno(err, "storage_failed", "cannot write \"%s\" into the storage",
						   STORAGE_OWNER_FILE);
	(void) close(fd);
	(void) unlinkat(storage->root, name, 0);
	return done;
}

bool
storage_local_owner(const Storage *storage, const char *database, bool anew,
					char owner[STORAGE_OWNER_SIZE], Error *err)
{
	bool there;

	(void) anew;
	if (!read_owner(storage, &there, owner, err))
		return false;
	return there || database == NULL ||
		   (write_owner(storage, database, err) &&
			read_owner(storage, &there, owner, err));
}
