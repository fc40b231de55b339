/*
 * base/secret_file.c
 *	  Opening files with secrets.
 */
#include "base/secret_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nobody but its owner may read or change it; root may share it with a group. */
static bool
is_private(const struct stat *status)
{
	mode_t others =
		status->st_uid == 0 && geteuid() != 0 ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO;

	return S_ISREG(status->st_mode) && (status->st_mode & others) == 0;
}

bool
secret_file_open(const char *path, const char *option, int *fd, Error *err)
{
	struct stat status;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*fd < 0 || fstat(*fd, &status) < 0)
	{
		(void) error_errno(err, "usage", "cannot read %s %.200s", option, path);
		if (err != NULL)
			err->class = ERROR_PERMANENT;
	}
	else if (is_private(&status))
		return true;
	else
		error_set(err, ERROR_PERMANENT, "usage",
				  "chmod 600 it, and let it belong to the user of the worker.",
				  "%s is open to other users, or no file: \"%.200s\"", option, path);
	if (*fd >= 0)
		(void) close(*fd);
	*fd = -1;
	return false;
}

static char *
trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
		text[--length] = '\0';
	return text;
}

bool
secret_file_line(char *line, char **name, char **value)
{
	char *equals;

	*name = trim(line);
	*value = NULL;
	if (**name == '\0' || **name == '#')
	{
		*name = NULL;
		return true;
	}
	equals = strchr(*name, '=');
	if (equals == NULL)
		return false;
	*equals = '\0';
	*name = trim(*name);
	*value = trim(equals + 1);
	return true;
}
