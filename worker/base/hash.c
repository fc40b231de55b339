/*
 * base/hash.c
 *	  SHA-256, of a file or piece by piece, and MD5.
 */
#include "base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/cleanup.h"

#define BLOCK ((size_t) 1024 * 1024)

/* SHA-256 is built into libcrypto: only lack of memory can make these calls fail. */
static void
must(int ok)
{
	if (ok != 1)
	{
		fputs("SHA-256 or MD5 is not available\n", stderr);
		abort();
	}
}

static void
begin(Hash *hash, const EVP_MD *kind)
{
	hash->context = EVP_MD_CTX_new();
	must(hash->context != NULL && EVP_DigestInit_ex(hash->context, kind, NULL));
}

void
hash_begin(Hash *hash)
{
	begin(hash, EVP_sha256());
}

void
hash_begin_sha1(Hash *hash)
{
	begin(hash, EVP_sha1());
}

void
hash_update(Hash *hash, const void *bytes, size_t length)
{
	must(EVP_DigestUpdate(hash->context, bytes, length));
}

void
hash_finish(Hash *hash, char hex[HASH_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	must(EVP_DigestFinal_ex(hash->context, digest, &length));
	for (unsigned int i = 0; i < length; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	cleanup_hash(hash);
}

void
cleanup_hash(Hash *hash)
{
	EVP_MD_CTX_free(hash->context);
	hash->context = NULL;
}

/* All of a file, from its beginning. */
static bool
add_file(Hash *hash, int fd, int64_t *bytes, Error *err)
{
	CLEANUP(free) unsigned char *block = malloc(BLOCK);
	int64_t position = 0;

	if (block == NULL)
		return error_errno(err, "read_failed", "cannot get a buffer");
	for (;;)
	{
		ssize_t length = pread(fd, block, BLOCK, position);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return error_errno(err, "read_failed", "cannot read at byte %lld",
							   (long long) position);
		if (length == 0)
			break;
		hash_update(hash, block, (size_t) length);
		position += length;
	}
	if (bytes != NULL)
		*bytes = position;
	return true;
}

bool
hash_file(int fd, char hex[HASH_HEX_SIZE], int64_t *bytes, Error *err)
{
	CLEANUP(hash) Hash hash = {NULL};

	hash_begin(&hash);
	if (!add_file(&hash, fd, bytes, err))
		return false;
	hash_finish(&hash, hex);
	return true;
}

bool
hash_file_md5(int fd, char hex[HASH_MD5_SIZE], Error *err)
{
	CLEANUP(hash) Hash hash = {NULL};
	char digits[HASH_HEX_SIZE];

	hash.context = EVP_MD_CTX_new();
	must(hash.context != NULL && EVP_DigestInit_ex(hash.context, EVP_md5(), NULL));
	if (!add_file(&hash, fd, NULL, err))
		return false;
	hash_finish(&hash, digits);
	snprintf(hex, HASH_MD5_SIZE, "%.32s", digits);
	return true;
}
