/*
 * platform/yandex_disk_video.c
 *	  How the video of a lesson gets to its place on a disk.
 *
 * The bytes go to a hidden file in the folder, whose name is made of target and content; then
 * it is moved to its name, which is what people see. So a lesson appears whole, a file of
 * somebody else is never written over by bytes on their way, and an attempt that was frozen
 * and goes on later finds nothing to move, or moves the same bytes. Before the move it is
 * stored that a file of that SHA-256 at the place is ours.
 */
#include "platform/yandex_disk_video.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define NUMBERS_MOST 99
#define MOVES_MOST   5
#define VIDEO_TO     0.92 /* of the task */

bool
yandex_work_save(const YandexWork *work, Error *err)
{
	return publication_save(work->publication, work->state, err);
}

static bool
open_video(YandexWork *work, Error *err)
{
	const Publication *publication = work->publication;
	const cJSON *video = lesson_artifact(publication->input, "video");
	const char *sha256 = json_text(video, "sha256", "");

	work->body = (YandexBody){.fd = -1,
							  .to = VIDEO_TO,
							  .step = "uploading the video",
							  .throughput = work->publication->throughput};
	if (!storage_open(publication->storage, json_text(video, "uri", ""), &work->body.fd,
					  &work->body.bytes, err))
		return false;
	if (strlen(sha256) != HASH_HEX_SIZE - 1)
		return hash_file(work->body.fd, work->body.sha256, NULL, err);
	memcpy(work->body.sha256, sha256, HASH_HEX_SIZE);
	return true;
}

/* The folders that are known to be LEAP's, from an earlier publication too. */
static void
take_folders(YandexWork *work)
{
	const cJSON *before = json_at(work->publication->input, "target.meta.folders");

	if (cJSON_IsArray(json_at(work->state, "folders")))
		return;
	json_put(work->state, "folders",
			 cJSON_IsArray(before) ? cJSON_Duplicate(before, true) : cJSON_CreateArray());
}

bool
yandex_work_open(const Publication *publication, YandexWork *work, Error *err)
{
	work->publication = publication;
	work->settings = publication_settings(publication);
	work->disk = yandex_disk_of(publication);
	work->body.fd = -1;
	work->state = cJSON_Duplicate(publication->checkpoint, true);
	take_folders(work);
	return publication_progress(publication, 0, "collecting", err) &&
		   lesson_read(publication, &work->lesson, err) && open_video(work, err);
}

void
yandex_work_free(YandexWork *work)
{
	lesson_free(&work->lesson);
	cleanup_close(&work->body.fd);
	cJSON_Delete(work->state);
}

/* Is this one of the videos that this target brought, or was about to bring, to its place? */
static bool
is_own(const YandexWork *work, const YandexFile *file)
{
	const cJSON *one;

	cJSON_ArrayForEach(
		one, json_at(work->state, "own")) if (file->sha256[0] != '\0' &&
											  strcmp(one->valuestring, file->sha256) ==
												  0) return true;
	return false;
}

/* Does a publication that stays have this path? */
static bool
is_earlier(const YandexWork *work, const char *path)
{
	const cJSON *one;

	cJSON_ArrayForEach(
		one, json_at(work->publication->input,
					 "target.earlier")) if (strcmp(json_text(one, "remote_id", ""),
												   path) == 0) return true;
	return false;
}

/* Is it what this publication takes the place of? */
static bool
is_replaced(const YandexWork *work, const char *path)
{
	const cJSON *input = work->publication->input;

	return strcmp(json_text(input, "target.todo", ""), "replace") == 0 &&
		   strcmp(json_text(input, "target.remote_id", ""), path) == 0;
}

/* May this video be at the path, where that is what lies there? */
static bool
may_take(const YandexWork *work, const char *path, const YandexFile *there)
{
	if (is_earlier(work, path))
		return false;
	return !there->found ||
		   (!there->is_folder &&
			(json_bool(work->settings, "overwrite", false) || is_own(work, there) ||
			 is_replaced(work, path) || yandex_disk_is_same(there, &work->body)));
}

static bool
choose_path(YandexWork *work, Error *err)
{
	for (int number = 1; number <= NUMBERS_MOST; number++)
	{
		YandexFile there;

		if (!yandex_place_video(work->settings, &work->lesson, number, work->path, err) ||
			!yandex_disk_look(&work->disk, work->path, &there, err))
			return false;
		if (may_take(work, work->path, &there))
			return true;
	}
	return error_set(err, ERROR_PERMANENT, "path_taken",
					 "Choose another filename_template, or set overwrite.",
					 "\"%.200s\" and %d names like it are taken", work->path,
					 NUMBERS_MOST - 1);
}

/* What an earlier attempt left that has no place any more. */
static bool
forget(YandexWork *work, const char *path, Error *err)
{
	const cJSON *one;

	if (!publication_confirm(work->publication, "start the upload anew", err))
		return false;
	cJSON_ArrayForEach(
		one, json_at(work->state, "own")) if (path[0] != '\0' &&
											  !yandex_disk_delete_own(&work->disk, path,
																	  one->valuestring,
																	  err)) return false;
	return true;
}

/* Where this attempt goes on. */
static bool
take_state(YandexWork *work, Error *err)
{
	const char *old_path = json_text(work->state, "path", "");
	const char *old_hidden = json_text(work->state, "hidden", "");
	char wish[YANDEX_PATH_SIZE];
	char hidden[YANDEX_PATH_SIZE];
	char words[160];
	bool moved;

	if (!yandex_place_video(work->settings, &work->lesson, 1, wish, err))
		return false;
	moved = strcmp(json_text(work->state, "wish", wish), wish) != 0;
	if (moved && !forget(work, old_path, err))
		return false;
	if (moved || old_path[0] == '\0')
	{
		json_put(work->state, "own", cJSON_CreateArray());
		if (!choose_path(work, err))
			return false;
	}
	else
		snprintf(work->path, sizeof work->path, "%s", old_path);
	snprintf(words, sizeof words, " %.64s %.64s",
			 json_text(work->publication->input, "target.id", ""), work->body.sha256);
	if (!yandex_place_hidden(wish, words, hidden, err) ||
		(old_hidden[0] != '\0' && strcmp(old_hidden, hidden) != 0 &&
		 !yandex_disk_delete(&work->disk, old_hidden, err)))
		return false;
	json_put(work->state, "wish", cJSON_CreateString(wish));
	json_put(work->state, "path", cJSON_CreateString(work->path));
	json_put(work->state, "hidden", cJSON_CreateString(hidden));
	return yandex_work_save(work, err);
}

/* Makes the hidden file be this video. */
static bool
bring_bytes(YandexWork *work, const char *hidden, Error *err)
{
	cJSON *folders = cJSON_GetObjectItemCaseSensitive(work->state, "folders");
	int known = cJSON_GetArraySize(folders);
	YandexFile there;
	bool made = yandex_place_make(&work->disk, hidden, folders, err);

	if (cJSON_GetArraySize(folders) > known && !yandex_work_save(work, made ? err : NULL))
		return false;
	return made && yandex_disk_look(&work->disk, hidden, &there, err) &&
		   (yandex_disk_is_same(&there, &work->body) ||
			(yandex_disk_check_room(&work->disk, &work->body, err) &&
			 yandex_disk_put(&work->disk, hidden, &work->body, err)));
}

/* From here on a file of that content at the place is ours. */
static bool
note_own(YandexWork *work, Error *err)
{
	YandexFile file = {.found = true};

	memcpy(file.sha256, work->body.sha256, HASH_HEX_SIZE);
	if (is_own(work, &file))
		return true;
	cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(work->state, "own"),
						 cJSON_CreateString(work->body.sha256));
	return yandex_work_save(work, err);
}

/* The one act that people see. *taken: somebody's file has come to the place. */
static bool
show(YandexWork *work, const char *hidden, const YandexFile *there, bool *taken,
	 Error *err)
{
	const YandexField fields[] = {
		{"from",      hidden						 },
		{"path",      work->path                     },
		{"overwrite", there->found ? "true" : "false"},
		{NULL,        NULL						   }
    };
	YandexFile now;
	int status;

	*taken = false;
	if (!note_own(work, err) ||
		!publication_confirm(work->publication, "publish the lesson", err))
		return false;
	if (yandex_disk_call(&work->disk, "POST", "/resources/move", fields, NULL, err))
		return true;
	status = work->disk.status;
	if (status != 404 && status != 409)
		return false;
	if (!yandex_disk_look(&work->disk, work->path, &now, err))
		return false;
	if (yandex_disk_is_same(&now, &work->body))
		return true; /* by another attempt */
	*taken = status == 409 && now.found;
	return error_set(err, ERROR_TRANSIENT, "upload_lost", NULL,
					 "the file that was uploaded is not on the disk any more");
}

/* The place has been taken since it was chosen. The hidden file stays where it is. */
static bool
choose_again(YandexWork *work, Error *err)
{
	if (!choose_path(work, err))
		return false;
	json_put(work->state, "path", cJSON_CreateString(work->path));
	return yandex_work_save(work, err);
}

bool
yandex_video_deliver(YandexWork *work, Error *err)
{
	char hidden[YANDEX_PATH_SIZE];

	if (!take_state(work, err))
		return false;
	snprintf(hidden, sizeof hidden, "%s", json_text(work->state, "hidden", ""));
	for (int moves = 0; moves < MOVES_MOST; moves++)
	{
		YandexFile there;
		bool taken;

		if (!yandex_disk_look(&work->disk, work->path, &there, err))
			return false;
		if (yandex_disk_is_same(&there, &work->body))
			return yandex_disk_delete(&work->disk, hidden, err);
		if (!may_take(work, work->path, &there))
		{
			if (!choose_again(work, err))
				return false;
			continue;
		}
		if (!bring_bytes(work, hidden, err))
			return false;
		if (show(work, hidden, &there, &taken, err))
			return true;
		if (!taken)
			return false;
	}
	return error_set(err, ERROR_TRANSIENT, "path_taken", NULL,
					 "files come to \"%.200s\" all the time", work->path);
}

bool
yandex_video_replace(YandexWork *work, Error *err)
{
	YandexFile there;

	return yandex_disk_look(&work->disk, work->path, &there, err) &&
		   (yandex_disk_is_same(&there, &work->body) ||
			(yandex_disk_check_room(&work->disk, &work->body, err) &&
			 publication_confirm(work->publication, "publish the new video", err) &&
			 yandex_disk_put(&work->disk, work->path, &work->body, err)));
}
