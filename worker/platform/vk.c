/*
 * platform/vk.c
 *	  VK: videos of a user or of a community. How the bytes get there: vk_video.c.
 *
 * The post on the wall has a step of its own: what VK does by itself while the bytes arrive
 * (wallpost) could not be told from nothing after a crash.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "platform/vk_video.h"

#define GUID_HOLDS  (50 * 60) /* seconds in which VK knows a guid; it says an hour */
#define MINOR_TRIES 3

/* Trouble of the moment is waited for, here and then by another attempt, which finds the video
 * there; what VK refuses becomes a warning. False: the attempt has to stop. */
static bool
minor(VkWork *work, cJSON *target, const char *step,
	  bool (*run)(VkWork *work, Error *err), Error *err)
{
	Error problem = {0};

	for (int tries = 1; tries <= MINOR_TRIES; tries++)
	{
		memset(&problem, 0, sizeof problem);
		if (run(work, &problem))
			return true;
		if (problem.class != ERROR_TRANSIENT)
			break;
		if (tries < MINOR_TRIES && !vk_rest(&work->vk, 1, err))
			return false;
	}
	if (problem.class == ERROR_LOST || problem.class == ERROR_TRANSIENT ||
		problem.class == ERROR_RATE_LIMITED)
	{
		*err = problem;
		return false;
	}
	publication_warn(target, step, &problem);
	return true;
}

static bool
do_cover(VkWork *work, Error *err)
{
	return vk_cover(&work->vk, work->publication, work->video, err);
}

static bool
do_album(VkWork *work, Error *err)
{
	return vk_album(&work->vk, work->video, json_int64(work->settings, "album_id", 0),
					err);
}

/* The guid holds for an hour; after that nobody can tell whether there is a post. */
static bool
do_wall(VkWork *work, Error *err)
{
	const char *id = json_text(work->publication->input, "target.id", "");
	int64_t at = json_int64(work->state, "wall_at", 0);
	char guid[128];

	if (at > 0 && time(NULL) - at > GUID_HOLDS)
		return error_set(
			err, ERROR_PERMANENT, "outcome_unknown",
			"Look at the wall; if the post is missing, make it there by hand.",
			"it is not known whether the post on the wall was made");
	if (at == 0)
	{
		json_add_int64(work->state, "wall_at", time(NULL));
		if (!publication_save(work->publication, work->state, err))
			return false;
	}
	snprintf(guid, sizeof guid, "leap-%.36s-%lld", id, (long long) work->video.id);
	return publication_confirm(work->publication, "post on the wall", err) &&
		   vk_wall(&work->vk, work->video, guid, err) && vk_mark(work, "wall", err);
}

static cJSON *
describe(const VkWork *work)
{
	cJSON *target = cJSON_CreateObject();
	cJSON *meta = cJSON_AddObjectToObject(target, "meta");
	char text[128];

	snprintf(text, sizeof text, "%lld_%lld", (long long) work->video.owner,
			 (long long) work->video.id);
	cJSON_AddStringToObject(target, "remote_id", text);
	snprintf(text, sizeof text, "https://vk.com/video%lld_%lld",
			 (long long) work->video.owner, (long long) work->video.id);
	cJSON_AddStringToObject(target, "url", text);
	json_add_int64(meta, "owner_id", work->video.owner);
	json_add_int64(meta, "video_id", work->video.id);
	return target;
}

static bool
finish(VkWork *work, bool first, cJSON **target, Error *err)
{
	const cJSON *settings = work->settings;

	*target = describe(work);
	return (!json_bool(settings, "thumbnail", true) ||
			minor(work, *target, "thumbnail", do_cover, err)) &&
		   (first || json_int64(settings, "album_id", 0) <= 0 ||
			minor(work, *target, "album", do_album, err)) &&
		   (!first || !json_bool(settings, "wallpost", false) ||
			json_bool(work->state, "wall", false) ||
			minor(work, *target, "wallpost", do_wall, err));
}

static bool
vk_publish(const Publication *publication, cJSON **target, Error *err)
{
	CLEANUP(vk_work) VkWork work = vk_work_of(publication);

	return vk_deliver(&work, err) && finish(&work, true, target, err);
}

static bool
name_of(const char *remote_id, VkVideo *video, Error *err)
{
	return vk_video_of(remote_id, video) ||
		   error_set(err, ERROR_PERMANENT, "bad_message", HINT_BUG,
					 "\"%.60s\" is no video of VK", remote_id);
}

/* Refused: is there no right to it, or is it gone? */
static bool
explain(VkWork *work, Error *err)
{
	CLEANUP(json) cJSON *seen = NULL;
	Error unseen = {0};

	if (work->vk.code != VK_VIDEO_DENIED && work->vk.code != VK_ACCESS_DENIED)
		return false;
	if (!vk_look(&work->vk, work->video,
				 json_text(work->publication->input, "target.meta.access_key", ""), &seen,
				 &unseen) ||
		seen != NULL)
		return false;
	return error_set(err, ERROR_PERMANENT, "published_gone",
					 "Publish it anew: leap retry --anew.",
					 "the video %lld_%lld is no longer on VK",
					 (long long) work->video.owner, (long long) work->video.id);
}

static bool
vk_update(const Publication *publication, const char *remote_id, cJSON **target,
		  Error *err)
{
	CLEANUP(vk_work) VkWork work = vk_work_of(publication);
	VkForm form = {.count = 0};

	if (!name_of(remote_id, &work.video, err))
		return false;
	vk_number(&form, "owner_id", work.video.owner);
	vk_number(&form, "video_id", work.video.id);
	vk_put_settings(&work, &form, "desc");
	if (!vk_call(&work.vk, "video.edit", &form, NULL, err))
		return explain(&work, err);
	return finish(&work, false, target, err);
}

static bool
vk_remove(const Publication *publication, const char *remote_id, Error *err)
{
	CLEANUP(json) cJSON *seen = NULL;
	Vk vk = vk_of(publication);
	VkVideo video;
	Error unseen = {0};

	if (!name_of(remote_id, &video, err))
		return false;
	if (vk_delete(&vk, video, err))
		return true;
	return (vk.code == VK_VIDEO_DENIED || vk.code == VK_ACCESS_DENIED) &&
		   vk_look(&vk, video, "", &seen, &unseen) && seen == NULL;
}

static bool
vk_check(Account *account, const cJSON *endpoints, cJSON **facts, Error *err)
{
	CLEANUP(json) cJSON *users = NULL;
	const Publication none = {.account = account, .endpoints = endpoints};
	const cJSON *user;
	const VkForm form = {.count = 0};
	Vk vk = vk_of(&none);
	char text[256];

	if (!vk_call(&vk, "users.get", &form, &users, err))
		return false;
	user = cJSON_GetArrayItem(users, 0);
	*facts = cJSON_CreateObject();
	snprintf(text, sizeof text, "%lld", (long long) json_int64(user, "id", 0));
	cJSON_AddStringToObject(*facts, "account", text);
	snprintf(text, sizeof text, "%s %s", json_text(user, "first_name", ""),
			 json_text(user, "last_name", ""));
	cJSON_AddStringToObject(*facts, "title", text);
	return true;
}

const Platform platform_vk = {
	.name = "vk",
	.purpose = "videos of a user or a community of VK",
	.needs_account = true,
	.publish = vk_publish,
	.update = vk_update,
	.remove = vk_remove,
	.check = vk_check,
};
