/*
 * base/hash.h
 *	  SHA-256, of a file or piece by piece.
 */
#ifndef LEAP_BASE_HASH_H
#define LEAP_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define HASH_HEX_SIZE 65 /* 64 digits and the end of the text */

typedef struct Hash
{
	void *context; /* NULL = not begun or finished */
} Hash;

/* Begins; end it with hash_finish or CLEANUP(hash). */
void hash_begin(Hash *hash);
void hash_update(Hash *hash, const void *bytes, size_t length);
void hash_finish(Hash *hash, char hex[HASH_HEX_SIZE]);
void cleanup_hash(Hash *hash);

/* Of a whole file, read by position: the descriptor's own position stays. bytes (may be
 * NULL) receives the length read. */
bool hash_file(int fd, char hex[HASH_HEX_SIZE], int64_t *bytes, Error *err);

#endif
