/*
 * cli/words.h
 *	  What the commands about words share: texts that come from files.
 */
#ifndef LEAP_CLI_WORDS_H
#define LEAP_CLI_WORDS_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/* A file of at most `most` bytes as one text, "-" is standard input. Fails (class permanent,
 * code usage) where it cannot be read, is larger, or holds bytes of value 0. */
bool words_read(const char *path, size_t most, Buffer *text, Error *err);

#endif
