/*
 * net/s3_parts.h
 *	  Uploads in parts, request by request. Who stores a file uses net/s3_upload.h.
 */
#ifndef LEAP_NET_S3_PARTS_H
#define LEAP_NET_S3_PARTS_H

#include "net/s3.h"

#define S3_PARTS_MOST  10000
#define S3_PART_LEAST  ((int64_t) 8 << 20)
#define S3_PART_MOST   ((int64_t) 5 << 30)
#define S3_OBJECT_MOST ((int64_t) 5 << 40) /* 5 TiB */
#define S3_UPLOAD_SIZE 512                 /* of the id of an upload */

/* The size of the parts of a file: 8 to 64 MiB, as each of them costs a round trip and a
 * broken connection costs a part; more where 10,000 of these would not do. */
int64_t s3_part_size(int64_t bytes);

typedef struct S3Part
{
	int number; /* 1 to 10,000 */
	int64_t bytes;
	char etag[S3_ETAG_SIZE];
} S3Part;

typedef struct S3Parts
{
	S3Part *items; /* in the order of their numbers */
	size_t count;
	size_t capacity;
} S3Parts;

void s3_parts_free(S3Parts *parts);

/* For CLEANUP(s3_parts). */
static inline void
cleanup_s3_parts(S3Parts *parts)
{
	s3_parts_free(parts);
}

/* Puts it in place of the one with its number, or in order between others. */
void s3_parts_put(S3Parts *parts, const S3Part *part);

/* The ETag of the whole: the MD5 of the MD5s, "-", how many; "" where an ETag of a part is
 * no MD5. */
void s3_parts_etag(const S3Parts *parts, char etag[S3_ETAG_SIZE]);

/* Begins an upload. After an error with maybe_sent there may be one that nobody knows. */
bool s3_begin(S3 *s3, const char *key, const S3Facts *facts, char upload[S3_UPLOAD_SIZE],
			  Error *err);

/* Stores a part; what proves it is said in net/s3_digest.h. */
bool s3_put_part(S3 *s3, const char *key, const char *upload, int number,
				 const S3Body *body, S3Part *part, Error *err);

/* Reads which parts have arrived; transient, upload_gone when there is no such upload. */
bool s3_list_parts(S3 *s3, const char *key, const char *upload, S3Parts *parts,
				   Error *err);

/* Makes the object of the parts. What the service says after "200 OK" counts. An error
 * upload_gone may also mean that this was done already: s3_head tells. */
bool s3_complete(S3 *s3, const char *key, const char *upload, const S3Parts *parts,
				 char etag[S3_ETAG_SIZE], Error *err);

/* Forgets the upload and its parts; one that is gone is forgotten already. */
bool s3_abort(S3 *s3, const char *key, const char *upload, Error *err);

/* An upload that was begun and is neither completed nor aborted. */
typedef struct S3Begun
{
	const char *key;
	const char *upload;
	double begun; /* seconds since 1970; -1 = not told */
} S3Begun;

/* Visits those whose key begins with the prefix; the visitor ends that with false. */
bool s3_list_uploads(S3 *s3, const char *prefix,
					 bool (*visit)(void *arg, const S3Begun *begun), void *arg,
					 Error *err);

#endif
