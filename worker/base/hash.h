/*
 * base/hash.h
 *	  SHA-256, of a file or piece by piece, and MD5 where others state nothing better.
 */
#ifndef LEAP_BASE_HASH_H
#define LEAP_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define HASH_HEX_SIZE 65 /* 64 digits and the end of the text */
#define HASH_MD5_SIZE 33

typedef struct Hash
{
	void *context; /* NULL = not begun or finished */
} Hash;

/* Begins; end it with hash_finish or CLEANUP(hash). */
void hash_begin(Hash *hash);

/* The same with SHA-1 (40 digits), for who says nothing better of what he sends. */
void hash_begin_sha1(Hash *hash);
void hash_update(Hash *hash, const void *bytes, size_t length);
void hash_finish(Hash *hash, char hex[HASH_HEX_SIZE]);
void cleanup_hash(Hash *hash);

/* Of a whole file, read by position: the descriptor's own position stays. bytes (may be
 * NULL) receives the length read. */
bool hash_file(int fd, char hex[HASH_HEX_SIZE], int64_t *bytes, Error *err);

/* The MD5 of a whole file, read likewise: for comparing, nothing is proved by it. */
bool hash_file_md5(int fd, char hex[HASH_MD5_SIZE], Error *err);

#endif
