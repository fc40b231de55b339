/*
 * net/s3_digest.c
 *	  The hashes of what is sent, and ETags.
 */
#include "net/s3_digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "net/s3_request.h"

#define BLOCK ((size_t) 256 << 10)
#define MD5   16

/* Hashes that grow; those that are not wanted have no context. */
typedef struct Hashes
{
	EVP_MD_CTX *md5;
	Hash sha256;
} Hashes;

static void
cleanup_hashes(Hashes *hashes)
{
	EVP_MD_CTX_free(hashes->md5);
	cleanup_hash(&hashes->sha256);
}

bool
s3_signs_body(const S3 *s3)
{
	return s3->signs_all || strncmp(s3->endpoint, "https://", 8) != 0;
}

static bool
begin(Hashes *hashes, bool sha256, bool md5, Error *err)
{
	if (sha256)
		hash_begin(&hashes->sha256);
	if (!md5)
		return true;
	hashes->md5 = EVP_MD_CTX_new();
	return (hashes->md5 != NULL &&
			EVP_DigestInit_ex(hashes->md5, EVP_md5(), NULL) == 1) ||
		   error_set(err, ERROR_PERMANENT, "bad_settings",
					 "This machine's OpenSSL forbids MD5, which S3 needs.",
					 "the MD5 of what is to be stored cannot be computed");
}

static void
take(Hashes *hashes, const void *bytes, size_t length)
{
	if (hashes->md5 != NULL)
		(void) EVP_DigestUpdate(hashes->md5, bytes, length);
	if (hashes->sha256.context != NULL)
		hash_update(&hashes->sha256, bytes, length);
}

static bool
take_file(Hashes *hashes, const S3Body *body, Error *err)
{
	CLEANUP(free) char *block = array_new(BLOCK, 1);

	for (int64_t done = 0; done < body->bytes;)
	{
		int64_t left = body->bytes - done;
		ssize_t got =
			pread(body->fd, block, left < (int64_t) BLOCK ? (size_t) left : BLOCK,
				  body->from + done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, "read_failed", "cannot read what is to be stored");
		if (got == 0)
			return error_set(err, ERROR_PERMANENT, "file_changed",
							 "Nothing may change a file while it is sent.",
							 "the file has fewer bytes than it had");
		take(hashes, block, (size_t) got);
		done += got;
	}
	return true;
}

static void
finish(Hashes *hashes, S3Digest *digest)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	if (hashes->sha256.context != NULL)
		hash_finish(&hashes->sha256, digest->sha256);
	if (hashes->md5 == NULL)
		return;
	(void) EVP_DigestFinal_ex(hashes->md5, bytes, &length);
	for (size_t i = 0; i < MD5; i++)
		snprintf(digest->md5 + 2 * i, 3, "%02x", bytes[i]);
	(void) EVP_EncodeBlock((unsigned char *) digest->base64, bytes, MD5);
}

bool
s3_digest(const S3Body *body, bool sha256, bool md5, S3Digest *digest, Error *err)
{
	CLEANUP(hashes) Hashes hashes = {.md5 = NULL};

	*digest = (S3Digest){.sha256 = ""};
	if (!sha256 && !md5)
		return true;
	if (!begin(&hashes, sha256, md5, err))
		return false;
	if (body->text != NULL)
		take(&hashes, body->text, body->length);
	else if (!take_file(&hashes, body, err))
		return false;
	finish(&hashes, digest);
	return true;
}

void
s3_etag(const char *text, char etag[S3_ETAG_SIZE])
{
	size_t length;

	text += strncmp(text, "W/", 2) == 0 ? 2 : 0;
	text += *text == '"' ? 1 : 0;
	length = strcspn(text, "\"");
	snprintf(etag, S3_ETAG_SIZE, "%.*s", (int) (length < S3_ETAG_SIZE ? length : 0),
			 text);
}

bool
s3_etag_is_md5(const char *etag)
{
	return strlen(etag) == 32 && etag[strspn(etag, "0123456789abcdefABCDEF")] == '\0';
}
