/*
 * net/s3_request.h
 *	  One signed request to S3 and its answer. For net/s3*.c alone.
 */
#ifndef LEAP_NET_S3_REQUEST_H
#define LEAP_NET_S3_REQUEST_H

#include "net/call.h"
#include "net/s3.h"

typedef struct S3Request
{
	const char *method;
	const char *key;       /* NULL = the bucket, or the service if that is "" */
	const char *what;      /* for messages: "store the object" */
	const S3Pair *query;   /* ended by a row without name; may be NULL */
	const S3Pair *headers; /* likewise */
	const S3Body *body;    /* NULL = none */
	bool is_part; /* which goes out without its MD5 where the bucket takes that */
	char *md5; /* receives that of the body, 33 bytes, "" = not computed; may be NULL */
	size_t most_answer; /* 0 = 8 MiB */
	bool once;          /* not repeated once it may have reached the service */
} S3Request;

/* Sends it, a few times if need be. True with a status of 200 to 299 and a whole answer;
 * answer is to be freed in any case. err->status is the status of a refusal. */
bool s3_request(S3 *s3, const S3Request *request, CallAnswer *answer, Error *err);

/* What an answer that is no success means. `what` as in the request. */
bool s3_refusal(const S3 *s3, const char *what, const CallAnswer *answer, Error *err);

/* The host, and the path in front of the key, of the bucket's address; and the address. */
void s3_place(const S3 *s3, const char *key, Buffer *host, Buffer *path);
bool s3_address(const S3 *s3, const char *key, const char *query, char url[URL_SIZE],
				Error *err);

/* The headers that go with an object. */
void s3_facts_headers(const S3Facts *facts, S3Pair pairs[S3_PAIRS_MOST]);

/* Is the ETag of the answer, where it is an MD5, that of what was sent? md5 may be "". */
bool s3_check_etag(const CallAnswer *answer, const char *md5, const char *key,
				   char etag[S3_ETAG_SIZE], Error *err);

/* An ETag without its quotes; "" when it is too long. */
void s3_etag(const char *text, char etag[S3_ETAG_SIZE]);

/* Is it an MD5 in hex? Those of uploads in parts are not. */
bool s3_etag_is_md5(const char *etag);

/* "2009-10-12T17:50:30.000Z" as seconds since 1970; -1 when it is none. */
double s3_read_time(const char *text);

#endif
