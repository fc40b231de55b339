/*
 * cli/media_file.c
 *	  The files of leap media: recordings to look at, and results that appear when whole.
 */
#include "cli/media.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RANDOM_DIGITS 8

static bool
refuse_dash(const char *name, const char *hint, Error *err)
{
	return strcmp(name, "-") != 0 ||
		   error_set(err, ERROR_PERMANENT, "usage", hint, "\"-\" is no file");
}

bool
media_open(const char *name, int *fd, Error *err)
{
	struct stat status;

	*fd = -1;
	if (!refuse_dash(name,
					 "A recording is read here and there, not from begin to end: save "
					 "it to a file first.",
					 err))
		return false;
	/* not to wait for whoever writes into a pipe */
	*fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0)
		return error_errno(err, errno == ENOENT ? "file_missing" : "file_unreadable",
						   "cannot open %.300s", name);
	if (fstat(*fd, &status) == 0 && S_ISREG(status.st_mode))
		return true;
	return error_set(
		err, ERROR_PERMANENT, "no_file",
		S_ISDIR(status.st_mode) ? "Name one of the files in it."
								: "Save what it gives to a file and name that.",
		S_ISDIR(status.st_mode) ? "%.300s is a folder" : "%.300s is no regular file",
		name);
}

bool
media_scratch(int *fd, Error *err)
{
	*fd = memfd_create("leap-media", MFD_CLOEXEC);
	return *fd >= 0 || error_errno(err, "memory", "cannot make a file in memory");
}

static bool
same_file(const struct stat *one, int fd)
{
	struct stat other;

	return fstat(fd, &other) == 0 && one->st_dev == other.st_dev &&
		   one->st_ino == other.st_ino;
}

/* May this name be given to a result? */
static bool
check_target(const char *name, int input, bool over, Error *err)
{
	struct stat status;

	if (lstat(name, &status) < 0)
		return errno == ENOENT ||
			   error_errno(err, "file_unwritable", "cannot write %.300s", name);
	if (same_file(&status, input))
		return error_set(err, ERROR_PERMANENT, "file_exists",
						 "Name another file: a recording is not cut in its place.",
						 "%.300s is the recording itself", name);
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_PERMANENT, "file_exists", "Name a new file.",
						 "%.300s is no regular file", name);
	return over || error_set(err, ERROR_PERMANENT, "file_exists",
							 "Name another file, or add --force to write over it.",
							 "%.300s exists already", name);
}

/* "folder/name" -> "folder/.name.1a2b3c4d.part" */
static bool
name_temporary(MediaOutput *output, Error *err)
{
	const char *slash = strrchr(output->name, '/');
	int folder = slash != NULL ? (int) (slash + 1 - output->name) : 0;
	char hex[RANDOM_DIGITS + 1];

	path_random_hex(hex, RANDOM_DIGITS);
	/* a name has 255 bytes at most, ours is longer than what it stands for */
	if (snprintf(output->temporary, sizeof output->temporary, "%.*s.%.200s.%s.part",
				 folder, output->name, output->name + folder,
				 hex) < (int) sizeof output->temporary)
		return true;
	output->temporary[0] = '\0';
	return error_set(err, ERROR_PERMANENT, "file_unwritable", "Choose a shorter name.",
					 "the name \"%.100s…\" is too long", output->name);
}

bool
media_output_begin(MediaOutput *output, const char *name, int input, bool over,
				   Error *err)
{
	*output = (MediaOutput){.fd = -1};
	if (!refuse_dash(name,
					 "The index of a recording is written in front when the rest is "
					 "known: name a file.",
					 err))
		return false;
	if (name[0] == '\0' || name[strlen(name) - 1] == '/')
		return error_set(err, ERROR_PERMANENT, "usage", "Name a file.",
						 "\"%.300s\" names no file", name);
	if (!check_target(name, input, over, err))
		return false;
	snprintf(output->name, sizeof output->name, "%s", name);
	if (!name_temporary(output, err))
		return false;
	output->fd = open(output->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (output->fd >= 0)
		return true;
	output->temporary[0] = '\0';
	return error_errno(err, "file_unwritable", "cannot write %.300s", name);
}

bool
media_output_finish(MediaOutput *output, bool over, Error *err)
{
	bool synced = fsync(output->fd) == 0;
	bool closed = close(output->fd) == 0;
	int result;

	output->fd = -1;
	if (!synced || !closed)
		return error_errno(err, "write_failed", "cannot write %.300s", output->name);
	result = over ? -1
				  : renameat2(AT_FDCWD, output->temporary, AT_FDCWD, output->name,
							  RENAME_NOREPLACE);
	if (result < 0 && !over && errno == EEXIST)
		return error_set(err, ERROR_PERMANENT, "file_exists",
						 "Name another file, or add --force to write over it.",
						 "%.300s has come to exist meanwhile", output->name);
	/* a file system may know no rename that spares what is there */
	if (result < 0 && rename(output->temporary, output->name) != 0)
		return error_errno(err, "write_failed", "cannot name %.300s", output->name);
	output->temporary[0] = '\0';
	return true;
}

void
cleanup_media_output(MediaOutput *output)
{
	if (output->fd >= 0)
		(void) close(output->fd);
	if (output->temporary[0] != '\0')
		(void) unlink(output->temporary);
}
