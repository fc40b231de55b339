/*
 * storage/settings.c
 *	  Which storage an operator wants.
 */
#include "storage/settings.h"

#include <string.h>

#include "base/json.h"
#include "base/key_file.h"
#include "base/path.h"

bool
storage_is_s3(const char *where)
{
	return strncmp(where, "s3://", 5) == 0;
}

static bool
check_keys(const cJSON *keys, Error *err)
{
	return (json_text(keys, "access_key_id", NULL) != NULL &&
			json_text(keys, "secret_access_key", NULL) != NULL) ||
		   error_set(err, ERROR_PERMANENT, "usage",
					 "Write the lines access_key_id = ... and secret_access_key = ...",
					 "--storage-keys has no access_key_id or no secret_access_key");
}

bool
storage_settings_read(const Options *options, cJSON **settings, Error *err)
{
	const char *where = option_text(options, OPTION_STORAGE);
	const char *from = option_text(options, OPTION_STORAGE_FROM);
	const char *path = option_text(options, OPTION_STORAGE_KEYS);
	cJSON *keys = NULL;

	*settings = cJSON_CreateObject();
	cJSON_AddStringToObject(*settings, "where", where);
	if (from[0] != '\0')
		cJSON_AddStringToObject(*settings, "from", from);
	if (!storage_is_s3(where) && !storage_is_s3(from))
		return true;
	cJSON_AddStringToObject(*settings, "spool", option_text(options, OPTION_SPOOL));
	json_add_int64(*settings, "spool_bytes",
				   (int64_t) option_number(options, OPTION_SPOOL_BYTES));
	if (path[0] == '\0')
		return error_set(err, ERROR_PERMANENT, "usage",
						 "Give --storage-keys a file with the lines access_key_id = ... "
						 "and secret_access_key = ...",
						 "a storage in S3 needs keys");
	if (!key_file_read(path, "--storage-keys", &keys, err))
		return false;
	cJSON_AddItemToObject(*settings, "keys", keys);
	return check_keys(keys, err);
}

const char *
storage_settings_where(const cJSON *settings)
{
	return cJSON_IsString(settings) ? settings->valuestring
									: json_text(settings, "where", "");
}

const char *
storage_settings_folder(const cJSON *settings)
{
	const char *where = storage_settings_where(settings);

	return storage_is_s3(where) ? json_text(settings, "spool", "") : where;
}

typedef struct Folder
{
	const char *option;
	const char *path; /* "" = none on this machine */
} Folder;

#define FOLDERS 3

static void
list_folders(const cJSON *settings, Folder folders[FOLDERS])
{
	const char *where = storage_settings_where(settings);
	const char *from = json_text(settings, "from", "");

	folders[0] = (Folder){"--storage", storage_is_s3(where) ? "" : where};
	folders[1] = (Folder){"--storage-from", storage_is_s3(from) ? "" : from};
	folders[2] = (Folder){"--spool", json_text(settings, "spool", "")};
}

const char *
storage_settings_overlap(const cJSON *settings, const char *folder)
{
	Folder folders[FOLDERS];

	list_folders(settings, folders);
	for (size_t i = 0; i < FOLDERS; i++)
		if (folders[i].path[0] == '/' && path_overlaps(folders[i].path, folder))
			return folders[i].option;
	return NULL;
}

static bool
refuse_overlap(const Folder *one, const Folder *other, Error *err)
{
	return error_set(
		err, ERROR_PERMANENT, "folders_overlap",
		"Give each a folder of its own: files of recordings are removed from a "
		"storage, and nothing else may lie there.",
		"%s \"%.200s\" and %s \"%.200s\" lie in one another", one->option, one->path,
		other->option, other->path);
}

bool
storage_settings_apart(const cJSON *settings, const char *library, Error *err)
{
	Folder folders[FOLDERS + 1];

	list_folders(settings, folders);
	folders[FOLDERS] = (Folder){"--library", library != NULL ? library : ""};
	/* a storage may be moved into a folder of the one before */
	for (size_t i = 2; i <= FOLDERS; i++)
		for (size_t j = 0; j < i; j++)
			if (folders[i].path[0] == '/' && folders[j].path[0] == '/' &&
				path_overlaps(folders[i].path, folders[j].path))
				return refuse_overlap(&folders[i], &folders[j], err);
	return true;
}
