/*
 * net/s3_upload.h
 *	  Storing a file of any size, so that it can be gone on with by another process and is
 *	  there once, whole, or not at all.
 *
 * Small files go out in one request. Others do in parts: which of them have arrived is asked
 * of the service, never remembered; the object appears when all have, in one step. Whoever
 * is killed at any point leaves a state from which the next one goes on; when an upload has
 * gone meanwhile, another is begun.
 */
#ifndef LEAP_NET_S3_UPLOAD_H
#define LEAP_NET_S3_UPLOAD_H

#include "net/s3_parts.h"

/* What the next attempt needs; all zeroes = nothing was begun. */
typedef struct S3UploadState
{
	char upload[S3_UPLOAD_SIZE]; /* the id; "" = none that is known */
	int64_t part_size;
	bool beginning; /* one may have been begun whose id is not known */
} S3UploadState;

typedef struct S3Upload
{
	S3 *s3;
	const char *key;
	S3Facts facts; /* with a mark that tells this content from any other */
	int fd;        /* a regular file */
	int64_t bytes;
	const char *sha256; /* of the file, if known; may be NULL */
	double share_from;  /* progress of the task */
	double share_to;
	const char *step;

	/* Stores the state durably, for the next attempt at the same content under the same key;
	 * called before what it tells is done. May be NULL. */
	bool (*save)(void *arg, const S3UploadState *state, Error *err);

	/* Asked before the object appears. May be NULL. */
	bool (*confirm)(void *arg, Error *err);
	void *arg;
} S3Upload;

/*
 * Stores the file. etag receives that of the object. Errors as in net/s3.h, those of save
 * and confirm, and those of reading (read_failed, file_changed).
 */
bool s3_upload(const S3Upload *upload, S3UploadState *state, char etag[S3_ETAG_SIZE],
			   Error *err);

/* Is the object what s3_upload would store: the same mark and size? */
bool s3_is_uploaded(const S3Upload *upload, const S3Object *object);

/* Forgets what was begun, parts included; state is all zeroes afterwards. What is gone is
 * forgotten already; what the service does not let us forget is logged and stays. */
bool s3_upload_forget(S3 *s3, const char *key, S3UploadState *state, Error *err);

#endif
