/*
 * storage/place.h
 *	  Putting a file that is open into a folder outside the storage.
 */
#ifndef LEAP_STORAGE_PLACE_H
#define LEAP_STORAGE_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Gives the file a name in the folder, readable for all: a hard link on the same file
 * system, else a copy, synced. The name must be free. */
bool place_file(int from, int64_t bytes, int folder_fd, const char *name, Error *err);

#endif
