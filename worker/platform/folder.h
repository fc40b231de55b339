/*
 * platform/folder.h
 *	  A folder that appears as a whole: built in hiding beside its place, synced, then
 *	  put there in one step, in place of what was there.
 */
#ifndef LEAP_PLATFORM_FOLDER_H
#define LEAP_PLATFORM_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct Folder
{
	int parent; /* borrowed */
	int fd;     /* of the hidden folder; -1 = none */
	char hidden[32];
} Folder;

#define FOLDER_NONE            \
	{                          \
		.parent = -1, .fd = -1 \
	}

/* Chooses the name of a hidden folder below parent_fd, which must stay open. What an earlier
 * writer left hidden there a day ago is removed. */
void folder_prepare(Folder *folder, int parent_fd);

/* Makes it. */
bool folder_begin(Folder *folder, Error *err);

/* Is this the name of such a folder or file? */
bool folder_name_is_hidden(const char *name);

/* Writes a whole file into it, synced, readable for all. */
bool folder_write(const Folder *folder, const char *name, const void *bytes,
				  size_t length, Error *err);

/* Syncs it. After this only folder_show is left to do. */
bool folder_finish(const Folder *folder, Error *err);

/* Shows it as `name`; what was there of that name is gone in the same instant. */
bool folder_show(Folder *folder, const char *name, Error *err);

/* Removes what was not shown. For CLEANUP(folder). */
void cleanup_folder(Folder *folder);

/* Replaces a file as a whole. */
bool folder_replace_file(int folder_fd, const char *name, const void *bytes,
						 size_t length, Error *err);

#endif
