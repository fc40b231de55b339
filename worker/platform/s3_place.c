/*
 * platform/s3_place.c
 *	  Where a lesson is in a bucket.
 */
#include "platform/s3_place.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "platform/slug.h"

#define SLUG_SIZE 64
#define ID_DIGITS 12

/* The last part of a key. */
static const char *
last_part(const char *key)
{
	const char *slash = strrchr(key, '/');

	return slash != NULL ? slash + 1 : key;
}

/* The suffix of a key, with its dot; its end when it has none. */
static const char *
suffix_of(const char *key)
{
	const char *part = last_part(key);
	const char *dot = strrchr(part, '.');

	return dot != NULL && dot > part ? dot : part + strlen(part);
}

/* "2026-11-21-page-tables-0123456789ab/video.mp4" */
static int
usual_key(const Lesson *lesson, const char *video, char key[S3_KEY_SIZE])
{
	char slug[SLUG_SIZE];
	size_t length = strlen(lesson->id);

	slug_of(lesson->title, slug, sizeof slug);
	return snprintf(key, S3_KEY_SIZE, "%s-%s-%s/%s", lesson->date, slug,
					lesson->id + (length > ID_DIGITS ? length - ID_DIGITS : 0), video);
}

/* What people wished for, with what is missing: "lectures/", "lectures/one". */
static int
wished_key(const char *wish, const char *video, char key[S3_KEY_SIZE])
{
	const char *part = last_part(wish);

	if (*part == '\0')
		return snprintf(key, S3_KEY_SIZE, "%s%s", wish, video);
	return snprintf(key, S3_KEY_SIZE, "%s%s", wish,
					*suffix_of(wish) == '\0' ? strrchr(video, '.') : "");
}

/* How many publications of this target, which stay, came before. */
static int
earlier(const Publication *publication, const S3Place *place, bool *taken)
{
	const cJSON *all = json_at(publication->input, "target.earlier");
	const cJSON *one;
	char own[S3_REMOTE_SIZE];

	s3_place_name(place, own);
	*taken = false;
	cJSON_ArrayForEach(one, all) if (strcmp(json_text(one, "remote_id", ""), own) ==
									 0) *taken = true;
	return cJSON_GetArraySize(all);
}

/* Puts "-2", "-3" ... in front of the suffix. */
static int
number_key(const S3Place *place, int number, char key[S3_KEY_SIZE])
{
	const char *suffix = suffix_of(place->key);

	return snprintf(key, S3_KEY_SIZE, "%.*s-%d%s", (int) (suffix - place->key),
					place->key, number, suffix);
}

bool
s3_place_choose(const Publication *publication, const Lesson *lesson, S3Place *place,
				Error *err)
{
	const cJSON *settings = publication_settings(publication);
	const char *bucket = json_text(settings, "bucket", "");
	const char *wish = json_text(settings, "key", "");
	char video[32];
	char key[S3_KEY_SIZE];
	bool taken;
	int before;
	int length;

	if (bucket[0] == '\0' || strlen(bucket) >= sizeof place->bucket)
		return error_set(err, ERROR_PERMANENT, "bad_settings",
						 "Set the bucket in the preset.",
						 "the preset names no bucket to publish to");
	snprintf(place->bucket, sizeof place->bucket, "%s", bucket);
	lesson_video_name(lesson, video);
	length = wish[0] != '\0' ? wished_key(wish, video, place->key)
							 : usual_key(lesson, video, place->key);
	before = earlier(publication, place, &taken);
	if (taken)
	{
		length = number_key(place, before + 1, key);
		memcpy(place->key, key, sizeof key);
	}
	if (length >= S3_KEY_SIZE)
		return error_set(err, ERROR_PERMANENT, "bad_key", "Shorten key_template.",
						 "the key \"%.100s...\" is longer than S3 allows", place->key);
	return s3_check_key(place->key, err);
}

void
s3_place_name(const S3Place *place, char remote_id[S3_REMOTE_SIZE])
{
	snprintf(remote_id, S3_REMOTE_SIZE, "%s/%s", place->bucket, place->key);
}

bool
s3_place_read(const char *remote_id, S3Place *place, Error *err)
{
	size_t length = strcspn(remote_id, "/");

	if (length == 0 || length >= S3_BUCKET_SIZE || remote_id[length] != '/' ||
		strlen(remote_id + length + 1) >= S3_KEY_SIZE)
		return error_set(err, ERROR_PERMANENT, "published_gone",
						 "Publish the lesson again.",
						 "\"%.200s\" names no object of a bucket", remote_id);
	snprintf(place->bucket, sizeof place->bucket, "%.*s", (int) length, remote_id);
	snprintf(place->key, sizeof place->key, "%s", remote_id + length + 1);
	return s3_check_key(place->key, err);
}

void
s3_place_beside(const S3Place *place, char prefix[S3_KEY_SIZE])
{
	int base = (int) (suffix_of(place->key) - place->key);

	snprintf(prefix, S3_KEY_SIZE, "%.*s.", base < S3_KEY_MOST ? base : S3_KEY_MOST,
			 place->key);
}

bool
s3_place_file(const S3Place *place, const char *name, char key[S3_KEY_SIZE], Error *err)
{
	static const char called_as_video[] = "subtitles.";
	char prefix[S3_KEY_SIZE];
	int length;

	if (strncmp(name, called_as_video, strlen(called_as_video)) == 0)
		name += strlen(called_as_video);
	s3_place_beside(place, prefix);
	length = snprintf(key, S3_KEY_SIZE, "%s%s", prefix, name);
	return length < S3_KEY_SIZE ||
		   error_set(err, ERROR_PERMANENT, "bad_key", "Shorten key_template.",
					 "the key of \"%.100s\" is longer than S3 allows", name);
}

static const char *
target_id(const Publication *publication)
{
	return json_text(publication->input, "target.id", "");
}

void
s3_mark(const Publication *publication, const char *sha256, char mark[S3_MARK_SIZE])
{
	snprintf(mark, S3_MARK_SIZE, "%.64s %.64s", target_id(publication), sha256);
}

bool
s3_mark_is_own(const Publication *publication, const char *mark)
{
	const char *id = target_id(publication);
	size_t length = strlen(id);

	return length > 0 && strncmp(mark, id, length) == 0 && mark[length] == ' ';
}
