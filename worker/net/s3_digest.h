/*
 * net/s3_digest.h
 *	  The hashes of what is sent.
 */
#ifndef LEAP_NET_S3_DIGEST_H
#define LEAP_NET_S3_DIGEST_H

#include "net/s3.h"

typedef struct S3Digest
{
	char sha256[HASH_HEX_SIZE]; /* "" = not computed */
	char md5[33];               /* likewise */
	char base64[25];            /* the MD5 */
} S3Digest;

/* Must the SHA-256 of a body be known? It is signed, and the service refuses another body. Over
 * TLS nobody changes it on the way: there it is for what is kept nowhere else. */
bool s3_signs_body(const S3 *s3);

/* Those that are wanted, of a body that is read once. Permanent, bad_settings: this machine
 * has no MD5. */
bool s3_digest(const S3Body *body, bool sha256, bool md5, S3Digest *digest, Error *err);

#endif
