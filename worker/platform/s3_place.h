/*
 * platform/s3_place.h
 *	  Where a lesson is in a bucket: the key of its video, and those of the files beside it.
 */
#ifndef LEAP_PLATFORM_S3_PLACE_H
#define LEAP_PLATFORM_S3_PLACE_H

#include "net/s3.h"
#include "platform/lesson.h"
#include "platform/platform.h"

#define S3_KEY_SIZE    (S3_KEY_MOST + 1)
#define S3_BUCKET_SIZE 64
#define S3_REMOTE_SIZE (S3_BUCKET_SIZE + S3_KEY_SIZE)
#define S3_MARK_SIZE   160

typedef struct S3Place
{
	char bucket[S3_BUCKET_SIZE];
	char key[S3_KEY_SIZE]; /* of the video */
} S3Place;

/*
 * The bucket of the settings, and the key they give or one made of date, title and id. A key
 * without a suffix gets that of the video; one that an earlier publication of this target has
 * (on_rerun = new) gets a number. Errors: permanent, bad_settings and bad_key.
 */
bool s3_place_choose(const Publication *publication, const Lesson *lesson, S3Place *place,
					 Error *err);

/* "bucket/key", by which a target names it, and back: permanent, published_gone. */
void s3_place_name(const S3Place *place, char remote_id[S3_REMOTE_SIZE]);
bool s3_place_read(const char *remote_id, S3Place *place, Error *err);

/* How the keys of the files beside the video begin: its own without suffix, and a dot. */
void s3_place_beside(const S3Place *place, char prefix[S3_KEY_SIZE]);

/* The key of a file of that name beside the video: "subtitles.srt" is called as the video
 * is, which players look for; bad_key when it is too long. */
bool s3_place_file(const S3Place *place, const char *name, char key[S3_KEY_SIZE],
				   Error *err);

/* What an object is marked with: whose it is, and of which content. */
void s3_mark(const Publication *publication, const char *sha256, char mark[S3_MARK_SIZE]);

/* Is it an object of this target? */
bool s3_mark_is_own(const Publication *publication, const char *mark);

#endif
