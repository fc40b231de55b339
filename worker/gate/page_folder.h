/*
 * gate/page_folder.h
 *	  The files of the page from a folder, as they are just now.
 */
#ifndef LEAP_GATE_PAGE_FOLDER_H
#define LEAP_GATE_PAGE_FOLDER_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

/* What the folder's files are below instead of the hash: they may change any time. */
#define PAGE_FOLDER_HASH "dev"

/* A descriptor of the folder, which the caller closes; false: usage. */
bool page_folder_open(const char *folder, int *folder_fd, Error *err);

/* Appends a file's bytes to an initialized buffer, "%BASE%" of index.html replaced; *type is its
 * media type. False: there is no such file of the page. Links and ways out are not followed. */
bool page_folder_read(int folder_fd, const char *name, Buffer *bytes, const char **type);

#endif
