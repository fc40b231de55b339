/*
 * base/path.c
 *	  Paths: safe joins, folders, random names.
 */
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

bool
path_is_inside(const char *relative)
{
	const char *part = relative;

	for (const char *c = relative; *c != '\0'; c++)
		if ((unsigned char) *c < ' ' || *c == 0x7f)
			return false;
	for (;;)
	{
		size_t length = strcspn(part, "/");

		if (length == 0 || (length == 1 && part[0] == '.') ||
			(length == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		if (part[length] == '\0')
			return true;
		part += length + 1;
	}
}

bool
path_join(char *path, size_t size, const char *folder, const char *relative, Error *err)
{
	if (!path_is_inside(relative))
		return error_set(
			err, ERROR_PERMANENT, "bad_path",
			"Choose a shorter path without \"..\" that lies below its folder.",
			"path \"%.200s\" does not stay below its folder", relative);
	int length = snprintf(path, size, "%s/%s", folder, relative);

	if (length < 0 || (size_t) length >= size)
		return error_set(
			err, ERROR_PERMANENT, "bad_path",
			"Choose a shorter path without \"..\" that lies below its folder.",
			"path \"%.200s…\" is longer than %zu bytes", relative, size - 1);
	return true;
}

static const char *
home_folder(void)
{
	const char *home = getenv("HOME");
	struct passwd *entry;

	if (home != NULL && home[0] == '/')
		return home;
	entry = getpwuid(getuid());
	return entry != NULL ? entry->pw_dir : "/";
}

bool
path_absolute(char *absolute, size_t size, const char *path, Error *err)
{
	char current[PATH_SIZE];
	int length;

	if (path[0] == '/')
		length = snprintf(absolute, size, "%s", path);
	else if (path[0] == '~' && path[1] == '/')
		length = snprintf(absolute, size, "%s%s", home_folder(), path + 1);
	else if (getcwd(current, sizeof current) == NULL)
		return error_errno(err, "bad_path", "cannot tell the current folder");
	else
		length = snprintf(absolute, size, "%s/%s", current, path);
	if (length < 0 || (size_t) length >= size)
		return error_set(
			err, ERROR_PERMANENT, "bad_path",
			"Choose a shorter path without \"..\" that lies below its folder.",
			"path \"%.200s…\" is longer than %zu bytes", path, size - 1);
	return true;
}

/* Makes one folder below *fd and steps into it: *fd is closed and replaced. */
static bool
enter_folder(int *fd, const char *name, mode_t mode, Error *err)
{
	int next;
	bool made = mkdirat(*fd, name, mode) == 0;

	if (!made && errno != EEXIST)
		return error_errno(err, "folder_failed", "cannot make folder \"%s\"", name);
	/* a file that is synced in a folder whose name is not would be gone after a crash */
	if (made && fsync(*fd) < 0)
		return error_errno(err, "folder_failed", "cannot store folder \"%s\"", name);
	next = openat(*fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return error_errno(err, "folder_failed", "cannot open folder \"%s\"", name);
	(void) close(*fd);
	*fd = next;
	return true;
}

bool
path_make_folders(int folder_fd, const char *relative, mode_t mode, int *fd, Error *err)
{
	CLEANUP(close) int at = fcntl(folder_fd, F_DUPFD_CLOEXEC, 3);
	char part[256];

	if (at < 0)
		return error_errno(err, "folder_failed", "cannot keep the folder open");
	if (!path_is_inside(relative))
		return error_set(
			err, ERROR_PERMANENT, "bad_path",
			"Choose a shorter path without \"..\" that lies below its folder.",
			"path \"%.200s\" does not stay below its folder", relative);
	while (*relative != '\0')
	{
		size_t length = strcspn(relative, "/");

		if (length >= sizeof part)
			return error_set(
				err, ERROR_PERMANENT, "bad_path",
				"Choose a shorter path without \"..\" that lies below its folder.",
				"a part of path \"%.100s…\" is too long", relative);
		memcpy(part, relative, length);
		part[length] = '\0';
		if (!enter_folder(&at, part, mode, err))
			return false;
		relative += length + (relative[length] == '/');
	}
	*fd = at;
	at = -1;
	return true;
}

bool
path_make_absolute(const char *folder, mode_t mode, Error *err)
{
	char path[PATH_SIZE];

	if (folder[0] != '/' || strlen(folder) >= sizeof path)
		return error_set(
			err, ERROR_PERMANENT, "bad_path",
			"Choose a shorter path without \"..\" that lies below its folder.",
			"\"%.200s\" is no absolute path", folder);
	snprintf(path, sizeof path, "%s", folder);
	/* an operator's own path may lead over links: only the parts that miss are made */
	for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/'))
	{
		if (slash != NULL)
			*slash = '\0';
		if (mkdir(path, mode) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
			return error_errno(err, "folder_failed", "cannot make folder \"%s\"", path);
		if (slash == NULL)
			break;
		*slash = '/';
	}
	if (access(folder, W_OK | X_OK) < 0)
		return error_errno(err, "folder_failed", "cannot write into folder \"%s\"",
						   folder);
	return true;
}

/* Removes the entries of an open folder; takes fd over. */
static bool
empty_folder(int fd, Error *err)
{
	DIR *folder = fdopendir(fd);
	struct dirent *entry;
	bool ok = true;

	if (folder == NULL)
	{
		(void) close(fd);
		return error_errno(err, "remove_failed", "cannot read a folder");
	}
	while (ok && (entry = readdir(folder)) != NULL)
	{
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		/* somebody else may be removing the same */
		if (unlinkat(fd, entry->d_name, 0) < 0 && errno != ENOENT)
			ok = (errno == EISDIR || errno == EPERM)
					 ? path_remove_tree(fd, entry->d_name, err)
					 : error_errno(err, "remove_failed", "cannot remove \"%s\"",
								   entry->d_name);
	}
	(void) closedir(folder);
	return ok;
}

bool
path_remove_tree(int folder_fd, const char *name, Error *err)
{
	int fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0)
		return error_errno(err, "remove_failed", "cannot open folder \"%s\"", name);
	if (!empty_folder(fd, err))
		return false;
	if (unlinkat(folder_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return error_errno(err, "remove_failed", "cannot remove folder \"%s\"", name);
	return true;
}

/* Is `path` the folder, or below it? */
static bool
is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	while (length > 0 && folder[length - 1] == '/')
		length--;
	return strncmp(path, folder, length) == 0 &&
		   (path[length] == '/' || path[length] == '\0');
}

bool
path_overlaps(const char *one, const char *other)
{
	CLEANUP(free) char *real = realpath(one, NULL);
	CLEANUP(free) char *other_real = realpath(other, NULL);

	one = real != NULL ? real : one;
	other = other_real != NULL ? other_real : other;
	return is_below(one, other) || is_below(other, one);
}

void
path_random_hex(char *hex, size_t digits)
{
	static const char alphabet[] = "0123456789abcdef";
	unsigned char byte = 0;

	for (size_t i = 0; i < digits; i++)
	{
		/* up to 256 bytes never come short; one at a time keeps the code simple */
		if (i % 2 == 0 && getrandom(&byte, 1, 0) != 1)
		{
			fputs("no random numbers\n", stderr);
			abort();
		}
		hex[i] = alphabet[i % 2 == 0 ? byte >> 4 : byte & 15];
	}
	hex[digits] = '\0';
}

const char *
path_to_run_again(void)
{
	static const char itself[] = "/proc/self/exe";

	return access(itself, X_OK) == 0 ? itself : (const char *) getauxval(AT_EXECFN);
}

bool
path_of_program(char *folder, size_t size, Error *err)
{
	CLEANUP(free) char *program = realpath(path_to_run_again(), NULL);

	if (program == NULL)
		return error_errno(err, "bad_path", "cannot find this program's own file");
	if (snprintf(folder, size, "%s", program) >= (int) size)
	{
		errno = ENAMETOOLONG;
		return error_errno(err, "bad_path", "cannot use \"%.300s\"", program);
	}
	char *slash = strrchr(folder, '/');

	if (slash != NULL)
		*slash = '\0';
	return true;
}
