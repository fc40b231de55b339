/*
 * net/s3_sign.h
 *	  AWS Signature Version 4 as S3 wants it: of a request by its head, and of a link.
 *
 * Pure: the time is given, nothing is sent. The path of a key is encoded once, not twice as
 * for other services, and is not normalised.
 */
#ifndef LEAP_NET_S3_SIGN_H
#define LEAP_NET_S3_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buffer.h"

#define S3_UNSIGNED     "UNSIGNED-PAYLOAD"
#define S3_EMPTY_HASH   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define S3_TIME_SIZE    17     /* "20130524T000000Z" */
#define S3_PAIRS_MOST   24     /* of a query, of a head */
#define S3_LINK_LONGEST 604800 /* seconds a link may be valid: seven days */

typedef struct S3Pair
{
	const char *name;
	const char *value;
} S3Pair;

/* What is signed, and by whom. */
typedef struct S3Signing
{
	const char *method;
	const char *host; /* as in the request: lower case, with the port if it is unusual */
	const char *path; /* encoded: s3_encode */
	const S3Pair *query;   /* not encoded; ended by a row without name; may be NULL */
	const S3Pair *headers; /* beside host; ended by a row without name; may be NULL */
	const char *payload;   /* sha256 of the body in hex, or S3_UNSIGNED */
	const char *access_key_id;
	const char *secret_access_key;
	const char *session_token; /* "" = none */
	const char *region;
	const char *service; /* NULL = "s3" */
	time_t when;
} S3Signing;

/* Appends text in the one form that is signed: all but letters, digits and "-._~" as %XX;
 * "/" stays where `path` is true. */
void s3_encode(Buffer *out, const char *text, bool path);

/* The time as it is sent: "20130524T000000Z". */
void s3_time(time_t when, char text[S3_TIME_SIZE]);

/* Appends the query, encoded and in order, without "?". */
void s3_query(Buffer *out, const S3Pair *query);

/*
 * Appends the value of the Authorization header. The headers given are all signed, host is
 * added; x-amz-date, x-amz-content-sha256 and x-amz-security-token are the caller's to list.
 */
void s3_sign(const S3Signing *signing, Buffer *authorization);

/* Appends the query of a link that is valid for so many seconds, the signing's own query
 * included. */
void s3_sign_link(const S3Signing *signing, long seconds, Buffer *query);

#endif
