/*
 * task/work_folder.c
 *	  A scratch folder for each attempt, below tmp/ of the storage.
 */
#include "task/work_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"

#define SWEEP_AGE      86400
#define MACHINE_DIGITS 8
#define MOST_TRIES     100

/* A name for the running system: locks are seen by all that runs on it, containers
 * included, and by nobody else. "" where the kernel does not tell. */
static void
machine_name(char name[MACHINE_DIGITS + 1])
{
	CLEANUP(close) int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd >= 0 ? read(fd, name, MACHINE_DIGITS) : 0;

	name[length > 0 ? length : 0] = '\0';
}

/* Opens the folder and takes its lock; -1 when somebody else has it, or it is gone. Some
 * network file systems lock no folders: *locked tells. */
static int
open_locked(int tmp, const char *name, bool *locked)
{
	int fd = openat(tmp, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat mine;
	struct stat there;

	*locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	/* one that was removed between the two calls is not the one of that name any more */
	if (fd >= 0 && (*locked || errno != EWOULDBLOCK) && fstat(fd, &mine) == 0 &&
		fstatat(tmp, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		mine.st_ino == there.st_ino && mine.st_dev == there.st_dev)
		return fd;
	if (fd >= 0)
		(void) close(fd);
	return -1;
}

/* Of this machine, by its name: "17-0a1b2c3d-4e5f6071". */
static bool
is_ours(const char *name)
{
	char machine[MACHINE_DIGITS + 1];
	const char *dash = strchr(name, '-');

	machine_name(machine);
	return machine[0] != '\0' && dash != NULL &&
		   strncmp(dash + 1, machine, MACHINE_DIGITS) == 0 &&
		   dash[1 + MACHINE_DIGITS] == '-';
}

static bool
is_old(int tmp, const char *name)
{
	struct stat about;

	return fstatat(tmp, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
		   S_ISDIR(about.st_mode) && about.st_mtime + SWEEP_AGE <= time(NULL);
}

static void
sweep_entry(int tmp, const char *name)
{
	CLEANUP(close) int lock = -1;
	bool locked = false;
	Error err;

	if (name[0] == '.')
		return;
	if (is_ours(name) && (lock = open_locked(tmp, name, &locked)) < 0)
		return;
	if (!locked && !is_old(tmp, name))
		return;
	log_info("removing the left work folder %s", name);
	if (!path_remove_tree(tmp, name, &err))
		log_warning("%s", err.message);
}

/* Those whose names begin with prefix. */
static void
sweep_named(int tmp, const char *prefix)
{
	int again = openat(tmp, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL)
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			sweep_entry(tmp, entry->d_name);
	if (folder != NULL)
		(void) closedir(folder);
	else if (again >= 0)
		(void) close(again);
}

/* Opens tmp/ of the storage; with make it is made. */
static int
open_tmp(const char *storage, bool make, char path[PATH_SIZE + 8], Error *err)
{
	int tmp;

	snprintf(path, PATH_SIZE + 8, "%s/tmp", storage);
	if (make && !path_make_absolute(path, 0700, err))
		return -1;
	tmp = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tmp < 0)
		(void) error_errno(err, "folder_failed", "cannot open folder \"%s\"", path);
	return tmp;
}

bool
work_folder_make(const char *storage, const char *task, WorkFolder *folder, Error *err)
{
	char path[PATH_SIZE + 8];
	char machine[MACHINE_DIGITS + 1];
	char unique[9];
	char name[64];
	bool locked;
	CLEANUP(close) int tmp = open_tmp(storage, true, path, err);

	folder->path[0] = '\0';
	folder->lock = -1;
	if (tmp < 0)
		return false;
	snprintf(name, sizeof name, "%s-", task);
	sweep_named(tmp, name);
	machine_name(machine);
	/* another worker may sweep a folder away before its lock is taken */
	for (int i = 0; i < MOST_TRIES && folder->lock < 0; i++)
	{
		path_random_hex(unique, 8);
		snprintf(name, sizeof name, "%s-%s%s%s", task, machine,
				 machine[0] != '\0' ? "-" : "", unique);
		if (mkdirat(tmp, name, 0700) < 0)
			return error_errno(err, "folder_failed", "cannot make folder \"%s/%s\"", path,
							   name);
		folder->lock = open_locked(tmp, name, &locked);
	}
	snprintf(folder->path, sizeof folder->path, "%s/%s", path, name);
	return folder->lock >= 0 || error_set(err, ERROR_TRANSIENT, "folder_failed", NULL,
										  "cannot lock a work folder in \"%s\"", path);
}

void
work_folder_remove(WorkFolder *folder)
{
	Error err;

	if (folder->path[0] != '\0' && !path_remove_tree(AT_FDCWD, folder->path, &err))
		log_warning("work folder %s stays until the sweep: %s", folder->path,
					err.message);
	folder->path[0] = '\0';
	cleanup_close(&folder->lock);
	folder->lock = -1;
}

void
work_folder_sweep(const char *storage)
{
	char path[PATH_SIZE + 8];
	Error err;
	CLEANUP(close) int tmp = open_tmp(storage, false, path, &err);

	if (tmp >= 0)
		sweep_named(tmp, "");
}
