/*
 * storage/import.h
 *	  Files of this machine as sources: only below the operator's import roots.
 */
#ifndef LEAP_STORAGE_IMPORT_H
#define LEAP_STORAGE_IMPORT_H

#include <stdbool.h>
#include <sys/stat.h>

#include <cjson/cJSON.h>

#include "base/error.h"

/*
 * Opens the file at an absolute path for reading. roots is a JSON array of absolute
 * folders; what is not below one of them, or only by a link or "..", is refused
 * (permanent, outside_import_roots). A missing file is input, file_not_found.
 */
bool import_open(const cJSON *roots, const char *path, int *fd, struct stat *status,
				 Error *err);

/* The same for a folder, which may also be a root itself (permanent: folder_not_found,
 * not_a_folder, folder_not_readable). */
bool import_open_folder(const cJSON *roots, const char *path, int *fd, Error *err);

/* From now on roots that overlap with a folder of this storage (storage/settings.h) are
 * refused (permanent, import_root_in_storage): everybody's recordings are there. The settings stay
 * the caller's, and stay as they are. */
void import_keep_out(const cJSON *storage_settings);

#endif
