/*
 * net/s3_digest.h
 *	  The hashes of what is sent, piece by piece: those of a part are computed while the one
 *	  before it is on its way.
 */
#ifndef LEAP_NET_S3_DIGEST_H
#define LEAP_NET_S3_DIGEST_H

#include "net/s3.h"

typedef struct S3Digest
{
	char sha256[HASH_HEX_SIZE]; /* "" = not computed */
	char md5[33];
	char base64[25]; /* the MD5 */
} S3Digest;

typedef struct S3Hashing
{
	const S3Body *body; /* NULL = nothing is hashed */
	int64_t done;       /* bytes */
	void *md5;
	Hash sha256;
	struct S3Ahead *ahead; /* a thread that does it; NULL = none */
} S3Hashing;

#define S3_HASHING_NONE ((S3Hashing){.body = NULL})

/* Must the SHA-256 of a body be known? Over TLS nobody changes it on the way, and its MD5 is
 * told: it is not read once more. */
bool s3_signs_body(const S3 *s3);

/* Begins with a body, which stays the caller's; end it by s3_hashing_finish or
 * CLEANUP(s3_hashing). Permanent, bad_settings: this machine has no MD5. */
bool s3_hashing_begin(S3Hashing *hashing, const S3Body *body, bool sha256, Error *err);

/* Up to that byte of the body, if it is not that far yet. */
bool s3_hashing_go(S3Hashing *hashing, int64_t to, Error *err);

/* Has a thread go to the end, beside other work; hashing and its body stay in their places
 * until it is finished or cleaned up. */
void s3_hashing_ahead(S3Hashing *hashing);

/* What is left, and the hashes. */
bool s3_hashing_finish(S3Hashing *hashing, S3Digest *digest, Error *err);
void cleanup_s3_hashing(S3Hashing *hashing);

/* All of it at once. */
bool s3_digest(const S3Body *body, bool sha256, S3Digest *digest, Error *err);

#endif
