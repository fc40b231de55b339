/*
 * platform/s3.c
 *	  Buckets of S3 and of what speaks its protocol.
 *
 * The object carries a mark, x-amz-meta-leap: the target's id and the SHA-256 of the video.
 * So whoever begins sees by one request whether the video is there already, from an earlier
 * attempt that was killed before it could say so; and an object of somebody else is never
 * written over. A video of more than 8 MiB goes out in parts; the id of the upload is stored
 * before the first of them (net/s3_upload.h).
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "net/s3_account.h"
#include "net/s3_upload.h"
#include "platform/platform.h"
#include "platform/s3_files.h"
#include "platform/s3_place.h"

#define VIDEO_TO 0.9 /* of the task */

typedef struct Work
{
	const Publication *publication;
	Lesson lesson;
	S3Place place;
	S3 s3;
	char endpoint[S3_ENDPOINT_SIZE];
	char sha256[HASH_HEX_SIZE]; /* of the video */
	char mark[S3_MARK_SIZE];
	S3Upload upload;
	S3UploadState state;
	char etag[S3_ETAG_SIZE];
	int fd;
} Work;

static void
cleanup_work(Work *work)
{
	lesson_free(&work->lesson);
	cleanup_close(&work->fd);
}

static bool
open_bucket(Work *work, Error *err)
{
	const Publication *publication = work->publication;

	return s3_of_account(publication->account, work->place.bucket,
						 publication->allow_private_addresses, publication->reporter,
						 work->endpoint, &work->s3, err);
}

static bool
save_state(void *arg, const S3UploadState *state, Error *err)
{
	const Work *work = arg;
	CLEANUP(json) cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "bucket", work->place.bucket);
	cJSON_AddStringToObject(json, "key", work->place.key);
	cJSON_AddStringToObject(json, "sha256", work->sha256);
	cJSON_AddStringToObject(json, "upload_id", state->upload);
	json_add_int64(json, "part_size", state->part_size);
	cJSON_AddBoolToObject(json, "beginning", state->beginning);
	return publication_save(work->publication, json, err);
}

static bool
confirm(void *arg, Error *err)
{
	const Work *work = arg;

	return publication_confirm(work->publication, "publish the lesson", err);
}

/* What an earlier attempt began. If that was something else, it is forgotten there too. */
static bool
take_state(Work *work, Error *err)
{
	const cJSON *before = work->publication->checkpoint;
	const char *key = json_text(before, "key", "");

	snprintf(work->state.upload, sizeof work->state.upload, "%s",
			 json_text(before, "upload_id", ""));
	work->state.part_size = json_int64(before, "part_size", 0);
	work->state.beginning = json_bool(before, "beginning", false);
	if (strcmp(json_text(before, "bucket", ""), work->place.bucket) != 0)
		work->state = (S3UploadState){.part_size = 0};
	if (work->state.part_size == 0 ||
		(strcmp(key, work->place.key) == 0 &&
		 strcmp(json_text(before, "sha256", ""), work->sha256) == 0))
		return true;
	return s3_upload_forget(&work->s3, key, &work->state, err);
}

/* The file that is published. */
static bool
open_video(Work *work, Error *err)
{
	const Publication *publication = work->publication;
	const cJSON *video = lesson_artifact(publication->input, "video");
	const cJSON *settings = publication_settings(publication);
	const char *sha256 = json_text(video, "sha256", "");
	int64_t bytes;

	if (!storage_open(publication->storage, json_text(video, "uri", ""), &work->fd,
					  &bytes, err))
		return false;
	if (strlen(sha256) == HASH_HEX_SIZE - 1)
		memcpy(work->sha256, sha256, HASH_HEX_SIZE);
	else if (!hash_file(work->fd, work->sha256, NULL, err))
		return false;
	s3_mark(publication, work->sha256, work->mark);
	work->upload = (S3Upload){
		.s3 = &work->s3,
		.key = work->place.key,
		.facts = {.type = json_text(video, "media_type", "video/mp4"),
				  .mark = work->mark,
				  .acl = json_text(settings, "acl", ""),
				  .storage_class = json_text(settings, "storage_class", "")},
		.fd = work->fd,
		.bytes = bytes,
		.sha256 = work->sha256,
		.share_to = VIDEO_TO,
		.step = "uploading the video",
		.save = save_state,
		.confirm = confirm,
		.arg = work
    };
	return true;
}

/* Is there something at the place, and is it of this target? Else it is not touched. */
static bool
look(Work *work, bool *found, S3Object *object, Error *err)
{
	return s3_head(&work->s3, work->place.key, found, object, err) &&
		   (!*found || s3_mark_is_own(work->publication, object->mark) ||
			error_set(err, ERROR_PERMANENT, "key_taken",
					  "Choose another key_template, or move what is there away.",
					  "there is an object \"%.200s\" in \"%s\" already that is not of "
					  "this lesson",
					  work->place.key, work->place.bucket));
}

/* Makes the object be this video. */
static bool
bring_video(Work *work, Error *err)
{
	S3Object object;
	bool found;

	if (!open_video(work, err) || !look(work, &found, &object, err) ||
		!take_state(work, err))
		return false;
	if (!found || !s3_is_uploaded(&work->upload, &object))
		return s3_upload(&work->upload, &work->state, work->etag, err);
	snprintf(work->etag, sizeof work->etag, "%s", object.etag);
	/* it may have come by an upload of another attempt than the one that is noted */
	return s3_upload_forget(&work->s3, work->place.key, &work->state, err);
}

static bool
describe(Work *work, cJSON **target, Error *err)
{
	char remote_id[S3_REMOTE_SIZE];
	char url[URL_SIZE];
	cJSON *meta;

	if (!s3_url(&work->s3, work->place.key, url, err))
		return false;
	s3_place_name(&work->place, remote_id);
	*target = cJSON_CreateObject();
	cJSON_AddStringToObject(*target, "remote_id", remote_id);
	cJSON_AddStringToObject(*target, "url", url);
	meta = cJSON_AddObjectToObject(*target, "meta");
	cJSON_AddStringToObject(meta, "bucket", work->place.bucket);
	cJSON_AddStringToObject(meta, "key", work->place.key);
	cJSON_AddStringToObject(meta, "etag", work->etag);
	json_add_int64(meta, "bytes", work->upload.bytes);
	cJSON_AddStringToObject(meta, "sha256", work->sha256);
	return true;
}

/* Video, files and what is told of them. */
static bool
bring_all(Work *work, cJSON **target, Error *err)
{
	if (bring_video(work, err) && describe(work, target, err) &&
		s3_files_store(work->publication, &work->s3, &work->place, &work->lesson, *target,
					   err))
		return publication_progress(work->publication, 1, "uploading the files", err);
	return false;
}

static bool
s3_publish(const Publication *publication, cJSON **target, Error *err)
{
	CLEANUP(work) Work work = {.publication = publication, .fd = -1};

	return publication_progress(publication, 0, "collecting", err) &&
		   lesson_read(publication, &work.lesson, err) &&
		   s3_place_choose(publication, &work.lesson, &work.place, err) &&
		   open_bucket(&work, err) && bring_all(&work, target, err);
}

static bool
s3_update(const Publication *publication, const char *remote_id, cJSON **target,
		  Error *err)
{
	CLEANUP(work) Work work = {.publication = publication, .fd = -1};
	S3Object object;
	bool found;

	if (!publication_progress(publication, 0, "collecting", err) ||
		!lesson_read(publication, &work.lesson, err) ||
		!s3_place_read(remote_id, &work.place, err) || !open_bucket(&work, err) ||
		!look(&work, &found, &object, err))
		return false;
	if (!found)
		return error_set(err, ERROR_PERMANENT, "published_gone",
						 "Publish the lesson again.",
						 "\"%.200s\" is not in the bucket \"%s\" any more",
						 work.place.key, work.place.bucket);
	return bring_all(&work, target, err);
}

static bool
forget_upload(void *arg, const S3Begun *begun)
{
	Work *work = arg;
	Error ignored;

	if (strcmp(begun->key, work->place.key) == 0)
		(void) s3_abort(&work->s3, begun->key, begun->upload, &ignored);
	return true;
}

static bool
s3_remove(const Publication *publication, const char *remote_id, Error *err)
{
	CLEANUP(work) Work work = {.publication = publication, .fd = -1};
	Error ignored;

	if (!s3_place_read(remote_id, &work.place, err) || !open_bucket(&work, err) ||
		!s3_files_remove(publication, &work.s3, &work.place, err))
		return false;
	/* of an update that never came to its end */
	(void) s3_list_uploads(&work.s3, work.place.key, forget_upload, &work, &ignored);
	return true;
}

static bool
s3_check(Account *account, const cJSON *endpoints, cJSON **facts, Error *err)
{
	char endpoint[S3_ENDPOINT_SIZE];
	S3 s3;
	int buckets;

	(void) endpoints;
	if (!s3_of_account(account, "", account_allows_private(account), NULL, endpoint, &s3,
					   err) ||
		!s3_buckets(&s3, &buckets, err))
		return false;
	*facts = cJSON_CreateObject();
	cJSON_AddStringToObject(*facts, "account", s3.access_key_id);
	cJSON_AddStringToObject(*facts, "title", s3.endpoint);
	if (buckets >= 0)
		cJSON_AddNumberToObject(*facts, "buckets", buckets);
	return true;
}

const Platform platform_s3 = {
	.name = "s3",
	.purpose = "a bucket of S3 or of what speaks its protocol",
	.needs_account = true,
	.swaps_video = true,
	.publish = s3_publish,
	.update = s3_update,
	.remove = s3_remove,
	.check = s3_check,
};
