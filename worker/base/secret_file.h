/*
 * base/secret_file.h
 *	  Files with secrets, which nobody but their owner may read.
 */
#ifndef LEAP_BASE_SECRET_FILE_H
#define LEAP_BASE_SECRET_FILE_H

#include <stdbool.h>

#include "base/error.h"

/* Opens it for reading. A file that cannot be read, is open to other users, or is no file is
 * class permanent, code usage; option is the option that names it ("--smtp-password-file"). */
bool secret_file_open(const char *path, const char *option, int *fd, Error *err);

/* Takes a line "name = value" apart, in place, without the blanks around both. *name is NULL
 * for an empty line and a comment (#). False: it is no such line. */
bool secret_file_line(char *line, char **name, char **value);

#endif
