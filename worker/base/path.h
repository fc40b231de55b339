/*
 * base/path.h
 *	  Paths: safe joins, folders, random names. Names never come from users.
 */
#ifndef LEAP_BASE_PATH_H
#define LEAP_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

#define PATH_SIZE 4096

/* True for a path that stays below the folder it is joined to: relative, not empty, no
 * part that is empty, "." or "..", no control character. */
bool path_is_inside(const char *relative);

/* folder + "/" + relative into path; refuses a relative path that is not inside. */
bool path_join(char *path, size_t size, const char *folder, const char *relative,
			   Error *err);

/* Makes `path` absolute against the current folder and expands a leading "~/". */
bool path_absolute(char *absolute, size_t size, const char *path, Error *err);

/* Makes the folder `relative` below folder_fd with all its parents, following no link;
 * returns a descriptor of the last one in *fd (the caller closes it). */
bool path_make_folders(int folder_fd, const char *relative, mode_t mode, int *fd,
					   Error *err);

/* Makes an absolute folder with all its parents. */
bool path_make_absolute(const char *folder, mode_t mode, Error *err);

/* Removes what is below folder_fd/name and the folder itself, following no link. A folder
 * that is not there is removed already. */
bool path_remove_tree(int folder_fd, const char *name, Error *err);

/* Is one of the two folders the other, or inside it? Links are followed where the folder is
 * there already. */
bool path_overlaps(const char *one, const char *other);

/* `digits` random hexadecimal digits and the end of the text (size > digits). */
void path_random_hex(char *hex, size_t digits);

/* The folder of the running executable, without a slash at the end. */
bool path_of_program(char *folder, size_t size, Error *err);

/* A path that runs this program again: /proc/self/exe, which outlives an upgrade of the file,
 * or where there is no /proc (a bare chroot) the name it was started by. */
const char *path_to_run_again(void);

#endif
