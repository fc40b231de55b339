/*
 * base/install.h
 *	  Where the other parts of an installation are, found from this program's own place.
 */
#ifndef LEAP_BASE_INSTALL_H
#define LEAP_BASE_INSTALL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/option.h"

/* The program named by the option media_program, or the one installed beside this. */
bool install_media_program(const Options *options, char *path, size_t size, Error *err);

/* The folder of the SQL files: named by the option schema_dir, or installed beside this. */
bool install_schema_folder(const Options *options, char *path, size_t size, Error *err);

#endif
