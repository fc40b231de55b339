/*
 * base/key_file.h
 *	  Files with keys of an operator: a line each, "name = key".
 */
#ifndef LEAP_BASE_KEY_FILE_H
#define LEAP_BASE_KEY_FILE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"

/*
 * Reads the file that `option` ("--provider-keys") names; empty lines and such that begin
 * with # count for nothing. *keys is {"name": "key"}, the caller's. A file that others can
 * read, or a line that is none, is permanent, code usage; the message holds no part of the
 * line.
 */
bool key_file_read(const char *path, const char *option, cJSON **keys, Error *err);

#endif
