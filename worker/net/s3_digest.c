/*
 * net/s3_digest.c
 *	  The hashes of what is sent, and ETags.
 */
#include "net/s3_digest.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "net/s3_request.h"

#define BLOCK ((size_t) 256 << 10)
#define MD5   16

typedef struct S3Ahead
{
	S3Hashing *hashing;
	pthread_t thread;
	atomic_bool stop; /* nobody wants it any more */
	bool ok;
	Error err;
} S3Ahead;

/* Waits for the thread. */
static bool
end_ahead(S3Hashing *hashing, bool stop, Error *err)
{
	S3Ahead *ahead = hashing->ahead;
	bool ok;

	if (ahead == NULL)
		return true;
	atomic_store(&ahead->stop, stop);
	(void) pthread_join(ahead->thread, NULL);
	ok = ahead->ok;
	if (!ok && err != NULL)
		*err = ahead->err;
	hashing->ahead = NULL;
	free(ahead);
	return ok;
}

bool
s3_signs_body(const S3 *s3)
{
	return strncmp(s3->endpoint, "https://", 8) != 0;
}

void
cleanup_s3_hashing(S3Hashing *hashing)
{
	(void) end_ahead(hashing, true, NULL);
	EVP_MD_CTX_free(hashing->md5);
	cleanup_hash(&hashing->sha256);
	*hashing = S3_HASHING_NONE;
}

bool
s3_hashing_begin(S3Hashing *hashing, const S3Body *body, bool sha256, Error *err)
{
	*hashing = (S3Hashing){.body = body, .md5 = EVP_MD_CTX_new()};
	if (hashing->md5 == NULL || EVP_DigestInit_ex(hashing->md5, EVP_md5(), NULL) != 1)
	{
		cleanup_s3_hashing(hashing);
		return error_set(err, ERROR_PERMANENT, "bad_settings",
						 "This machine's OpenSSL forbids MD5, which S3 needs.",
						 "the MD5 of what is to be stored cannot be computed");
	}
	if (sha256)
		hash_begin(&hashing->sha256);
	return true;
}

static void
take(S3Hashing *hashing, const void *bytes, size_t length)
{
	(void) EVP_DigestUpdate(hashing->md5, bytes, length);
	if (hashing->sha256.context != NULL)
		hash_update(&hashing->sha256, bytes, length);
	hashing->done += (int64_t) length;
}

bool
s3_hashing_go(S3Hashing *hashing, int64_t to, Error *err)
{
	const S3Body *body = hashing->body;
	CLEANUP(free) char *block = NULL;

	if (body == NULL || body->text != NULL)
		return true;
	if (to > body->bytes)
		to = body->bytes;
	while (hashing->done < to &&
		   (hashing->ahead == NULL || !atomic_load(&hashing->ahead->stop)))
	{
		int64_t left = to - hashing->done;
		ssize_t got;

		if (block == NULL)
			block = array_new(BLOCK, 1);
		got = pread(body->fd, block, left < (int64_t) BLOCK ? (size_t) left : BLOCK,
					body->from + hashing->done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, "read_failed", "cannot read what is to be stored");
		if (got == 0)
			return error_set(err, ERROR_PERMANENT, "file_changed",
							 "Nothing may change a file while it is sent.",
							 "the file has fewer bytes than it had");
		take(hashing, block, (size_t) got);
	}
	return true;
}

static void *
go_ahead(void *arg)
{
	S3Ahead *ahead = arg;

	ahead->ok = s3_hashing_go(ahead->hashing, ahead->hashing->body->bytes, &ahead->err);
	return NULL;
}

void
s3_hashing_ahead(S3Hashing *hashing)
{
	S3Ahead *ahead = array_new(1, sizeof *ahead);

	ahead->hashing = hashing;
	atomic_init(&ahead->stop, false);
	hashing->ahead = ahead;
	if (pthread_create(&ahead->thread, NULL, go_ahead, ahead) == 0)
		return;
	hashing->ahead = NULL; /* then s3_hashing_finish does it */
	free(ahead);
}

bool
s3_hashing_finish(S3Hashing *hashing, S3Digest *digest, Error *err)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	if (!end_ahead(hashing, false, err))
		return false;
	if (hashing->body->text != NULL)
		take(hashing, hashing->body->text, hashing->body->length);
	else if (!s3_hashing_go(hashing, hashing->body->bytes, err))
		return false;
	(void) EVP_DigestFinal_ex(hashing->md5, bytes, &length);
	for (size_t i = 0; i < MD5; i++)
		snprintf(digest->md5 + 2 * i, 3, "%02x", bytes[i]);
	(void) EVP_EncodeBlock((unsigned char *) digest->base64, bytes, MD5);
	digest->sha256[0] = '\0';
	if (hashing->sha256.context != NULL)
		hash_finish(&hashing->sha256, digest->sha256);
	cleanup_s3_hashing(hashing);
	return true;
}

bool
s3_digest(const S3Body *body, bool sha256, S3Digest *digest, Error *err)
{
	CLEANUP(s3_hashing) S3Hashing hashing = S3_HASHING_NONE;

	return s3_hashing_begin(&hashing, body, sha256, err) &&
		   s3_hashing_finish(&hashing, digest, err);
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
