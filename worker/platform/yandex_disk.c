/*
 * platform/yandex_disk.c
 *	  Yandex Disk: a lesson as files in a folder, with a public link if that is wished for.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "platform/yandex_disk_files.h"
#include "platform/yandex_disk_video.h"

/* Published as the settings say; a link that LEAP did not make stays. *there is what lies
 * there afterwards. */
static bool
share(YandexWork *work, YandexFile *there, Error *err)
{
	bool wanted = json_bool(work->settings, "publish", false);
	bool ours = json_bool(work->publication->input, "target.meta.published", false);
	const YandexField fields[] = {
		{"path", work->path},
        {NULL,   NULL      }
    };

	if (!yandex_disk_look(&work->disk, work->path, there, err))
		return false;
	if (wanted == (there->public_url[0] != '\0') || (!wanted && !ours))
		return true;
	return yandex_disk_call(&work->disk, "PUT",
							wanted ? "/resources/publish" : "/resources/unpublish",
							fields, NULL, err) &&
		   yandex_disk_look(&work->disk, work->path, there, err);
}

static void
describe(const YandexWork *work, const YandexFile *there, cJSON **target)
{
	CLEANUP(buffer) Buffer page;
	cJSON *meta;

	yandex_disk_page(work->path, &page);
	*target = cJSON_CreateObject();
	cJSON_AddStringToObject(*target, "remote_id", work->path);
	cJSON_AddStringToObject(*target, "url",
							there->public_url[0] != '\0' ? there->public_url : page.data);
	meta = cJSON_AddObjectToObject(*target, "meta");
	cJSON_AddStringToObject(meta, "path", work->path);
	json_add_int64(meta, "bytes", there->bytes);
	cJSON_AddStringToObject(meta, "sha256", there->sha256);
	cJSON_AddStringToObject(meta, "md5", there->md5);
	cJSON_AddBoolToObject(meta, "published", there->public_url[0] != '\0');
}

/* The video is at its place: what belongs to it, and what is told of all. */
static bool
finish(YandexWork *work, cJSON **target, Error *err)
{
	YandexFile there;

	if (!share(work, &there, err))
		return false;
	describe(work, &there, target);
	if (!yandex_files_store(work->publication, &work->disk, work->path, &work->lesson,
							work->state, *target, err))
		return false;
	cJSON_AddItemToObject(cJSON_GetObjectItemCaseSensitive(*target, "meta"), "folders",
						  cJSON_Duplicate(json_at(work->state, "folders"), true));
	return publication_progress(work->publication, 1, "uploading the files", err);
}

static bool
yandex_publish(const Publication *publication, cJSON **target, Error *err)
{
	CLEANUP(yandex_work) YandexWork work = {.publication = publication};

	return yandex_work_open(publication, &work, err) &&
		   yandex_video_deliver(&work, err) && finish(&work, target, err);
}

static bool
take_path(const char *remote_id, char path[YANDEX_PATH_SIZE], Error *err)
{
	return snprintf(path, YANDEX_PATH_SIZE, "%s", remote_id) < YANDEX_PATH_SIZE ||
		   error_set(err, ERROR_PERMANENT, "bad_message", HINT_BUG,
					 "\"%.200s\" is no path of a disk", remote_id);
}

static bool
yandex_update(const Publication *publication, const char *remote_id, cJSON **target,
			  Error *err)
{
	CLEANUP(yandex_work) YandexWork work = {.publication = publication};
	YandexFile there;

	if (!yandex_work_open(publication, &work, err) ||
		!take_path(remote_id, work.path, err) ||
		!yandex_disk_look(&work.disk, work.path, &there, err))
		return false;
	if (!there.found || there.is_folder)
		return error_set(err, ERROR_PERMANENT, "published_gone",
						 "Publish it anew: leap retry --anew.",
						 "\"%.200s\" is not on the disk any more", work.path);
	if (json_bool(publication->input, "target.video_changed", false) &&
		!yandex_video_replace(&work, err))
		return false;
	return finish(&work, target, err);
}

/* What is known of what is to be taken back: of the last publication, or of one before. */
static const cJSON *
meta_of(const Publication *publication, const char *remote_id)
{
	const cJSON *target = json_at(publication->input, "target");
	const cJSON *one;

	cJSON_ArrayForEach(
		one, json_at(target, "earlier")) if (strcmp(json_text(one, "remote_id", ""),
													remote_id) ==
											 0) return json_at(one, "meta");
	return json_at(target, "meta");
}

/* What somebody has put in place of our video is his. Files that a publication which took its
 * place has, too, stay. */
static bool
yandex_remove(const Publication *publication, const char *remote_id, Error *err)
{
	const cJSON *meta = meta_of(publication, remote_id);
	const cJSON *next = json_at(publication->journal, "published");
	const char *sha256 = json_text(meta, "sha256", "");
	YandexDisk disk = yandex_disk_of(publication);
	bool replaced =
		next != NULL && strcmp(json_text(next, "remote_id", ""), remote_id) != 0;

	return yandex_files_remove(&disk, json_at(meta, "files"),
							   replaced ? json_at(next, "meta.files") : NULL, err) &&
		   (sha256[0] == '\0' ? yandex_disk_delete(&disk, remote_id, err)
							  : yandex_disk_delete_own(&disk, remote_id, sha256, err)) &&
		   yandex_place_clear(&disk, json_at(meta, "folders"), err);
}

static bool
yandex_check(Account *account, const cJSON *endpoints, cJSON **facts, Error *err)
{
	const Publication none = {.account = account, .endpoints = endpoints};
	CLEANUP(json) cJSON *info = NULL;
	YandexDisk disk = yandex_disk_of(&none);
	Error own = {0};
	int64_t total;

	if (!yandex_disk_call(&disk, "GET", "/", NULL, &info, &own))
	{
		/* what a token may not ask of the disk itself it may not ask at all */
		if (strcmp(own.code, "permission_missing") == 0)
			own.class = ERROR_CREDENTIAL;
		if (err != NULL)
			*err = own;
		return false;
	}
	total = json_int64(info, "total_space", -1);
	*facts = cJSON_CreateObject();
	cJSON_AddStringToObject(*facts, "account", json_text(info, "user.login", ""));
	cJSON_AddStringToObject(*facts, "title", json_text(info, "user.display_name", ""));
	if (total >= 0)
	{
		json_add_int64(*facts, "total_bytes", total);
		json_add_int64(*facts, "free_bytes", total - json_int64(info, "used_space", 0));
	}
	return true;
}

const Platform platform_yandex_disk = {
	.name = "yandex_disk",
	.purpose = "a folder of Yandex Disk",
	.needs_account = true,
	.swaps_video = true,
	.publish = yandex_publish,
	.update = yandex_update,
	.remove = yandex_remove,
	.check = yandex_check,
};
