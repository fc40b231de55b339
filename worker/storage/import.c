/*
 * storage/import.c
 *	  Files of this machine as sources.
 */
#include "storage/import.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "storage/beneath.h"
#include "storage/settings.h"

static const cJSON *kept_out; /* NULL = nothing */

void
import_keep_out(const cJSON *storage_settings)
{
	kept_out = storage_settings;
}

static bool
refuse_place(const char *path, const char *why, Error *err)
{
	return error_set(
		err, ERROR_PERMANENT, "outside_import_roots",
		"Move the file below an import root, or let the operator add its folder "
		"to leap.import_roots.",
		"\"%.300s\" may not be imported: %s", path, why);
}

/* What is left of path below root, or NULL when it is not below it. */
static const char *
below(const char *root, const char *path)
{
	size_t length = strlen(root);

	while (length > 0 && root[length - 1] == '/')
		length--;
	if (root[0] != '/' || strncmp(root, path, length) != 0 || path[length] != '/')
		return NULL;
	path += length;
	return path + strspn(path, "/");
}

/* Is this the root itself, perhaps with slashes behind it? */
static bool
is_root(const char *root, const char *path)
{
	size_t length = strlen(root);

	while (length > 0 && root[length - 1] == '/')
		length--;
	return root[0] == '/' && strncmp(root, path, length) == 0 &&
		   strspn(path + length, "/") == strlen(path + length);
}

/* What is in the storage is everybody's, and what is imported may go when it was taken. */
static bool
root_is_apart(const char *root, Error *err)
{
	const char *option =
		kept_out != NULL ? storage_settings_overlap(kept_out, root) : NULL;

	return option == NULL ||
		   error_set(err, ERROR_PERMANENT, "import_root_in_storage",
					 "The operator has to give import roots (leap.import_roots) and the "
					 "storage folders of their own.",
					 "import root \"%.200s\" and the folder of %s lie in one another",
					 root, option);
}

/* The root that path lies below, opened; what is left of path in *rest: "." for the root
 * itself, which only a folder can be. */
static bool
open_root(const cJSON *roots, const char *path, bool folder, int *fd, const char **rest,
		  Error *err)
{
	const cJSON *root;

	cJSON_ArrayForEach(root, roots)
	{
		if (!cJSON_IsString(root))
			continue;
		*rest = folder && is_root(root->valuestring, path)
					? "."
					: below(root->valuestring, path);
		if (*rest == NULL || **rest == '\0')
			continue;
		if (!root_is_apart(root->valuestring, err))
			return false;
		*fd = open(root->valuestring, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return *fd >= 0 ||
			   error_errno(err, "import_root_failed",
						   "cannot open import root \"%.300s\"", root->valuestring);
	}
	return refuse_place(path, "it is not below an import root", err);
}

static bool
refuse_kind(const char *path, Error *err)
{
	return error_set(err, ERROR_INPUT, "not_a_file", "Give the path of a recording.",
					 "\"%.300s\" is no file", path);
}

static bool
explain(const char *path, Error *err)
{
	/* no file system has a name that is too long: it is not there either */
	if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)
		return error_set(err, ERROR_INPUT, "file_not_found",
						 "Check the path on the machine of the worker.",
						 "there is no file \"%.300s\"", path);
	if (errno == ENXIO)
		return refuse_kind(path, err);
	if (errno == ELOOP || errno == EXDEV)
		return refuse_place(path, "a link or \"..\" leads there", err);
	if (errno == EACCES)
		return error_set(err, ERROR_PERMANENT, "file_not_readable",
						 "Give the user of the worker permission to read it.",
						 "\"%.300s\" may not be read", path);
	return error_errno(err, "file_not_readable", "cannot open \"%.300s\"", path);
}

bool
import_open(const cJSON *roots, const char *path, int *fd, struct stat *status,
			Error *err)
{
	CLEANUP(close) int root = -1;
	const char *rest;

	if (!open_root(roots, path, false, &root, &rest, err))
		return false;
	/* a named pipe must not make the worker wait */
	*fd = beneath_open(root, rest, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (*fd < 0)
		return explain(path, err);
	if (fstat(*fd, status) < 0)
		return error_errno(err, "file_not_readable", "cannot look at \"%.300s\"", path);
	return S_ISREG(status->st_mode) || refuse_kind(path, err);
}

bool
import_open_folder(const cJSON *roots, const char *path, int *fd, Error *err)
{
	CLEANUP(close) int root = -1;
	const char *rest;

	if (!open_root(roots, path, true, &root, &rest, err))
		return false;
	*fd = beneath_open(root, rest, O_RDONLY | O_DIRECTORY, 0);
	if (*fd >= 0)
		return true;
	if (errno == ENOTDIR)
		return error_set(err, ERROR_PERMANENT, "not_a_folder",
						 "Give the path of a folder.", "\"%.300s\" is no folder", path);
	if (errno == ENOENT)
		return error_set(err, ERROR_PERMANENT, "folder_not_found",
						 "Every worker that serves the queue automation must see it.",
						 "there is no folder \"%.300s\"", path);
	if (errno == ELOOP || errno == EXDEV)
		return refuse_place(path, "a link or \"..\" leads there", err);
	return error_errno(err, "folder_not_readable", "cannot open \"%.300s\"", path);
}
