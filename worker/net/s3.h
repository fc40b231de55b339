/*
 * net/s3.h
 *	  A bucket of S3 or of anything that speaks its protocol: objects, lists, links.
 *
 * Uploads in parts are net/s3_parts.h and net/s3_upload.h. Every request is signed
 * (net/s3_sign.h); one that may be repeated without harm is, a few times, when the
 * connection or the service fails. Operations of the whole file are told by the Reporter of
 * the S3: cancelled work ends with class lost.
 *
 * Error codes, beside those of net/call.h: credential_refused, access_denied (credential);
 * bucket_missing, wrong_region, bad_key, object_archived, request_refused (permanent);
 * object_missing (input); rate_limited (with retry_after); server_busy, server_error,
 * transfer_damaged, upload_gone, bad_answer (transient); storage_full (quota).
 */
#ifndef LEAP_NET_S3_H
#define LEAP_NET_S3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/report.h"
#include "net/s3_sign.h"
#include "net/url.h"

#define S3_ETAG_SIZE 128
#define S3_KEY_MOST  1024 /* bytes of a key */

/* A bucket and how to reach it. Texts are the caller's; "" = none. */
typedef struct S3
{
	const char
		*endpoint; /* "https://s3.eu-central-1.amazonaws.com", with a port perhaps */
	const char *region;
	const char *bucket; /* "" only for s3_buckets */
	bool path_style;    /* endpoint/bucket/key, else bucket.endpoint/key */
	const char *access_key_id;
	const char *secret_access_key;
	const char *session_token;
	bool allow_private;
	const Reporter *reporter; /* may be NULL */
	struct CallLine *line;    /* net/call_line.h, of parts; NULL = none */
	bool signs_all;           /* the SHA-256 of each body is signed, over TLS too */
	bool
		wants_md5; /* this bucket takes no part without its MD5; learned from an answer */
	double skew; /* seconds the service's clock is before ours; learned from an answer */
} S3;

/* Endpoint, bucket and keys are such that requests can be made; permanent, bad_settings. */
bool s3_check_settings(const S3 *s3, Error *err);

/* A key that S3 takes and a path of a URL can carry: at most 1024 bytes of UTF-8 without
 * control characters, no part that is "." or ".."; permanent, bad_key. */
bool s3_check_key(const char *key, Error *err);

/* An object as HEAD or a list tells it. */
typedef struct S3Object
{
	const char *key; /* in a list only, until the visitor returns */
	int64_t bytes;
	char etag[S3_ETAG_SIZE]; /* without quotes */
	bool etag_is_md5;        /* of the bytes: one part, no key of KMS or the customer's */
	double modified;         /* seconds since 1970; -1 = not told */
	char type[128];          /* HEAD only: media type */
	char mark[256];          /* HEAD only: x-amz-meta-leap; "" = none */
	char version[S3_ETAG_SIZE]; /* HEAD only: of a bucket with versions; "" = none */
	char storage_class[32];     /* "" = standard */
} S3Object;

/* *found tells whether there is one. */
bool s3_head(S3 *s3, const char *key, bool *found, S3Object *object, Error *err);

/* Bytes from..to-1 of an object (to 0: to its end) into *body, initialised by the caller; at
 * most `most` bytes, else input, too_large. For whole files there is s3_link and
 * net/fetch.h. */
bool s3_get(S3 *s3, const char *key, int64_t from, int64_t to, size_t most, Buffer *body,
			Error *err);

/* What is stored. Either text or, with constant memory, a regular file. */
typedef struct S3Body
{
	const char *text; /* NULL: the file */
	size_t length;    /* of text */
	int fd;
	int64_t from;
	int64_t bytes;
	const char *sha256; /* of these bytes in hex, if it is known; NULL = found out */
	double share_from;  /* progress of the task while it is sent */
	double share_to;
	const char *step;
} S3Body;

#define S3_TEXT(t) ((S3Body){.text = (t), .length = strlen(t), .fd = -1})

/* What goes with an object. */
typedef struct S3Facts
{
	const char *type;          /* media type; NULL = application/octet-stream */
	const char *mark;          /* x-amz-meta-leap; NULL = none */
	const char *storage_class; /* NULL or "" = the bucket's */
	const char *acl;           /* "public-read"; NULL or "" = the bucket's */
	const char *disposition;   /* Content-Disposition; NULL = none */
} S3Facts;

/*
 * Stores an object with one request, in one step for who reads it: at most 5 GiB. What
 * arrived is proven by its MD5. etag may be NULL.
 */
bool s3_put(S3 *s3, const char *key, const S3Body *body, const S3Facts *facts,
			char etag[S3_ETAG_SIZE], Error *err);

/* Copies within the bucket, by the service: at most 5 GiB. Facts stay. */
bool s3_copy(S3 *s3, const char *from_key, const char *to_key, Error *err);

/* What is not there is deleted. */
bool s3_delete(S3 *s3, const char *key, Error *err);

/* Visits every object whose key begins with the prefix, all pages, in the order of keys, of
 * those behind `after` if that is not NULL, which need not be there; the visitor ends it by
 * returning false. `page` is how many are asked for at once; 0 = 1000. */
bool s3_list(S3 *s3, const char *prefix, const char *after, int page,
			 bool (*visit)(void *arg, const S3Object *object), void *arg, Error *err);

/* A link by which anybody may do `method` with the object for so many seconds (604800 at
 * most). query: response-content-type and the like; may be NULL. */
bool s3_link(const S3 *s3, const char *method, const char *key, long seconds,
			 const S3Pair *query, char url[URL_SIZE], Error *err);

/* The address of an object for people, not signed. */
bool s3_url(const S3 *s3, const char *key, char url[URL_SIZE], Error *err);

/* Are these keys known to the service? *count is how many buckets they may list, -1 when
 * they may not. */
bool s3_buckets(S3 *s3, int *count, Error *err);

#endif
