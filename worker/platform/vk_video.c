/*
 * platform/vk_video.c
 *	  How the bytes of a video get to VK, once.
 *
 * video.save reserves the id of a video and tells where its bytes go. Both are stored before
 * a byte is sent, so whatever happens to a process there is one video: its bytes go to the
 * same id again, or that id is deleted before another one is reserved. A process that was
 * frozen and goes on later writes to the id that its successor uses, or to one that is no
 * more. A reservation whose answer was lost stays behind, a video without bytes that nobody
 * sees.
 */
#include "platform/vk_video.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "platform/lesson.h"

#define LOOKS      4   /* at a video of which it is not known whether it has arrived */
#define LOOK_EVERY 2.0 /* seconds */

VkWork
vk_work_of(const Publication *publication)
{
	return (VkWork){.publication = publication,
					.settings = publication_settings(publication),
					.vk = vk_of(publication),
					.fd = -1};
}

void
vk_work_free(VkWork *work)
{
	cJSON_Delete(work->state);
	cleanup_close(&work->fd);
}

static bool
save(const VkWork *work, Error *err)
{
	return publication_save(work->publication, work->state, err);
}

bool
vk_mark(VkWork *work, const char *step, Error *err)
{
	json_put(work->state, step, cJSON_CreateTrue());
	return save(work, err);
}

void
vk_put_settings(const VkWork *work, VkForm *form, const char *description_name)
{
	static const char *const who[] = {"all", "friends", "friends_of_friends", "nobody"};
	const cJSON *settings = work->settings;

	vk_text(form, "name",
			json_text(settings, "title",
					  json_text(work->publication->input, "recording.name", "Lecture")));
	vk_text(form, description_name, json_text(settings, "description", ""));
	/* a community has rules of its own */
	for (size_t i = 0; i < 2 && json_at(settings, "group_id") == NULL; i++)
	{
		const char *name = i == 0 ? "privacy_view" : "privacy_comment";
		int64_t level = json_int64(settings, name, -1);

		if (level >= 0 && level < (int64_t) (sizeof who / sizeof who[0]))
			vk_text(form, name, who[level]);
	}
	vk_flag(form, "no_comments", json_at(settings, "disable_comments"));
	vk_flag(form, "repeat", json_at(settings, "repeat"));
}

/* Reserves a video. The wall comes later (see above). */
static bool
reserve(VkWork *work, Error *err)
{
	CLEANUP(json) cJSON *saved = NULL;
	VkForm form = {.count = 0};
	int64_t group = json_int64(work->settings, "group_id", 0);
	int64_t album = json_int64(work->settings, "album_id", 0);

	vk_put_settings(work, &form, "description");
	vk_flag(&form, "compression", json_at(work->settings, "compression"));
	if (group > 0)
		vk_number(&form, "group_id", group);
	if (album > 0)
		vk_number(&form, "album_id", album);
	if (!vk_call(&work->vk, "video.save", &form, &saved, err))
		return false;
	work->video = (VkVideo){.owner = json_int64(saved, "owner_id", 0),
							.id = json_int64(saved, "video_id", 0)};
	if (work->video.owner == 0 || work->video.id <= 0 ||
		json_text(saved, "upload_url", NULL) == NULL)
		return error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
						 "VK reserved a video and did not say which");
	json_add_int64(work->state, "owner_id", work->video.owner);
	json_add_int64(work->state, "video_id", work->video.id);
	json_put(work->state, "upload_url",
			 cJSON_CreateString(json_text(saved, "upload_url", "")));
	json_put(work->state, "access_key",
			 cJSON_CreateString(json_text(saved, "access_key", "")));
	return save(work, err);
}

bool
vk_delete(Vk *vk, VkVideo video, Error *err)
{
	VkForm form = {.count = 0};

	vk_number(&form, "owner_id", video.owner);
	vk_number(&form, "video_id", video.id);
	return vk_call(vk, "video.delete", &form, NULL, err);
}

bool
vk_look(Vk *vk, VkVideo video, const char *key, cJSON **seen, Error *err)
{
	CLEANUP(json) cJSON *answer = NULL;
	VkForm form = {.count = 0};
	char name[160];

	*seen = NULL;
	snprintf(name, sizeof name, "%lld_%lld%s%.64s", (long long) video.owner,
			 (long long) video.id, key[0] == '\0' ? "" : "_", key);
	vk_number(&form, "owner_id", video.owner);
	vk_text(&form, "videos", name);
	if (!vk_call(vk, "video.get", &form, &answer, err))
		return vk->code == VK_VIDEO_DENIED || vk->code == VK_ACCESS_DENIED;
	*seen =
		cJSON_DetachItemFromArray(cJSON_GetObjectItemCaseSensitive(answer, "items"), 0);
	return true;
}

/* What cannot be deleted must at least not be there; kept says why it cannot. */
static bool
is_gone(VkWork *work, Error *kept)
{
	CLEANUP(json) cJSON *seen = NULL;

	if (kept->class != ERROR_PERMANENT)
		return false;
	if (!vk_look(&work->vk, work->video, json_text(work->state, "access_key", ""), &seen,
				 kept))
		return false;
	return seen == NULL ||
		   error_set(
			   kept, ERROR_PERMANENT, "outcome_unknown",
			   "Look at it on VK and delete it there; then leap retry --anew.",
			   "it is not known whether video %lld_%lld is whole, and VK does not let "
			   "it be deleted",
			   (long long) work->video.owner, (long long) work->video.id);
}

/* Takes back what this or an earlier task began, so that another can take its place. */
static bool
give_up_video(VkWork *work, Error *err)
{
	static const char *const keys[] = {"owner_id",   "video_id", "access_key",
									   "upload_url", "begun",    "sent",
									   "cover",      "wall_at",  "wall"};
	Error kept = {0};

	if (!publication_confirm(work->publication, "start the upload anew", err))
		return false;
	if (!vk_delete(&work->vk, work->video, &kept) && !is_gone(work, &kept))
	{
		*err = kept;
		return false;
	}
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		cJSON_DeleteItemFromObjectCaseSensitive(work->state, keys[i]);
	work->video = (VkVideo){0};
	return save(work, err);
}

typedef enum Arrival
{
	ARRIVAL_NONE,
	ARRIVAL_WHOLE,
	ARRIVAL_UNKNOWN
} Arrival;

/* An upload broke off, perhaps after its last byte. VK shows a video that has come; one that
 * it works on for long may be one that never came. */
static bool
find_arrival(VkWork *work, Arrival *arrival, Error *err)
{
	*arrival = ARRIVAL_UNKNOWN;
	for (int i = 0; i < LOOKS && *arrival == ARRIVAL_UNKNOWN; i++)
	{
		CLEANUP(json) cJSON *seen = NULL;

		if ((i > 0 && !vk_rest(&work->vk, LOOK_EVERY, err)) ||
			!vk_look(&work->vk, work->video, json_text(work->state, "access_key", ""),
					 &seen, err))
			return false;
		if (seen == NULL)
			*arrival = ARRIVAL_NONE;
		else if (json_number(seen, "duration", 0) > 0 ||
				 (json_number(seen, "processing", 0) == 0 &&
				  json_number(seen, "converting", 0) == 0))
			*arrival = ARRIVAL_WHOLE;
	}
	return true;
}

/* The right to write to the video is not kept. */
static bool
mark_sent(VkWork *work, Error *err)
{
	cJSON_DeleteItemFromObjectCaseSensitive(work->state, "upload_url");
	return vk_mark(work, "sent", err);
}

/* Sends the bytes to the reserved video. *late: VK does not take them there any more. */
static bool
send_bytes(VkWork *work, bool *late, Error *err)
{
	CLEANUP(json) cJSON *answer = NULL;
	const CallPart file = {.name = "video_file",
						   .fd = work->fd,
						   .bytes = work->bytes,
						   .file_name = "video.mp4",
						   .type = "video/mp4"};
	bool sent;

	*late = json_text(work->state, "upload_url", "")[0] == '\0';
	if (*late) /* emptied when VK must have forgotten it */
		return error_set(err, ERROR_PERMANENT, "upload_refused",
						 "Retry: VK gives another address.",
						 "VK does not take the video at its address any more");
	json_put(work->state, "begun", cJSON_CreateTrue());
	if (!save(work, err) ||
		!publication_confirm(work->publication, "publish the lesson", err))
		return false;
	work->vk.throughput = work->publication->throughput;
	if (work->vk.throughput != NULL)
		work->vk.throughput->total = work->bytes;
	sent = vk_send(&work->vk, json_text(work->state, "upload_url", ""), &file, 0.05, 0.95,
				   "sending the video", &answer, err);
	work->vk.throughput = NULL;
	if (!sent)
	{
		*late = err->class == ERROR_PERMANENT && strcmp(err->code, "upload_refused") == 0;
		return false;
	}
	if (json_int64(answer, "size", work->bytes) != work->bytes ||
		json_int64(answer, "video_id", work->video.id) != work->video.id)
		return error_set(
			err, ERROR_TRANSIENT, "upload_incomplete", NULL, "VK took %lld of %lld bytes",
			(long long) json_int64(answer, "size", -1), (long long) work->bytes);
	return mark_sent(work, err);
}

/* What is left of the state of an earlier attempt: nothing of another video. */
static bool
take_state(VkWork *work, const char *sha256, Error *err)
{
	const cJSON *old = work->publication->checkpoint;
	int64_t group = json_int64(work->settings, "group_id", 0);

	work->state = cJSON_Duplicate(old, true);
	work->video = (VkVideo){.owner = json_int64(old, "owner_id", 0),
							.id = json_int64(old, "video_id", 0)};
	if (work->video.id > 0 &&
		(strcmp(json_text(old, "sha256", ""), sha256) != 0 ||
		 (group > 0 ? work->video.owner != -group : work->video.owner < 0)) &&
		!give_up_video(work, err))
		return false;
	json_put(work->state, "sha256", cJSON_CreateString(sha256));
	return true;
}

static bool
open_video(VkWork *work, Error *err)
{
	const cJSON *video = lesson_artifact(work->publication->input, "video");

	if (video == NULL)
		return error_set(
			err, ERROR_PERMANENT, "artifact_missing",
			"Run the recording again from its trimming (leap run --force RECORDING).",
			"the recording has no video to publish");
	return storage_open(work->publication->storage, json_text(video, "uri", ""),
						&work->fd, &work->bytes, err) &&
		   take_state(work, json_text(video, "sha256", ""), err);
}

bool
vk_deliver(VkWork *work, Error *err)
{
	if (!open_video(work, err))
		return false;
	for (int round = 0; !json_bool(work->state, "sent", false); round++)
	{
		Arrival arrival = ARRIVAL_NONE;
		bool late = false;

		if (work->video.id <= 0 && !reserve(work, err))
			return false;
		if (json_bool(work->state, "begun", false) && !find_arrival(work, &arrival, err))
			return false;
		if (arrival == ARRIVAL_WHOLE)
			return mark_sent(work, err);
		if (arrival == ARRIVAL_NONE && send_bytes(work, &late, err))
			return true;
		if (arrival == ARRIVAL_NONE && (!late || round > 0))
			return false;
		if (!give_up_video(work, err))
			return false;
	}
	return true;
}
