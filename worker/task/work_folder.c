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
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"

#define SWEEP_AGE 86400

bool
work_folder_make(const char *storage, const char *task, char *folder, size_t size,
				 Error *err)
{
	char unique[9];
	int length;

	path_random_hex(unique, 8);
	length = snprintf(folder, size, "%s/tmp/%s-%s", storage, task, unique);
	if (length < 0 || (size_t) length >= size)
		return error_set(err, ERROR_PERMANENT, "bad_path", NULL,
						 "the storage's path is too long");
	return path_make_absolute(folder, 0700, err);
}

void
work_folder_remove(const char *folder)
{
	Error err;

	if (folder[0] != '\0' && !path_remove_tree(AT_FDCWD, folder, &err))
		log_warning("work folder %s stays until the sweep: %s", folder, err.message);
}

static void
sweep_entry(int tmp, const char *name)
{
	struct stat about;
	Error err;

	if (name[0] == '.' || fstatat(tmp, name, &about, AT_SYMLINK_NOFOLLOW) < 0 ||
		!S_ISDIR(about.st_mode) || about.st_mtime + SWEEP_AGE > time(NULL))
		return;
	log_info("removing the old work folder %s", name);
	if (!path_remove_tree(tmp, name, &err))
		log_warning("%s", err.message);
}

void
work_folder_sweep(const char *storage)
{
	char tmp[PATH_SIZE + 8];
	DIR *folder;
	const struct dirent *entry;

	snprintf(tmp, sizeof tmp, "%s/tmp", storage);
	folder = opendir(tmp);
	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL)
		sweep_entry(dirfd(folder), entry->d_name);
	(void) closedir(folder);
}
