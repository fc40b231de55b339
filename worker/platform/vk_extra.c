/*
 * platform/vk_extra.c
 *	  What comes with a video on VK.
 */
#include "platform/vk_extra.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "platform/lesson.h"

#define COVER_MOST ((int64_t) 5 << 20)

bool
vk_video_of(const char *remote_id, VkVideo *video)
{
	char *end = NULL;

	errno = 0;
	video->owner = strtoll(remote_id, &end, 10);
	if (errno != 0 || end == remote_id || *end != '_' || end[1] < '0' || end[1] > '9')
		return false;
	video->id = strtoll(end + 1, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool
use_cover(Vk *vk, VkVideo video, const cJSON *picture, Error *err)
{
	CLEANUP(free) char *text = json_print(picture);
	VkForm form = {.count = 0};

	vk_number(&form, "owner_id", video.owner);
	vk_number(&form, "video_id", video.id);
	vk_text(&form, "thumb_json", text);
	vk_text(&form, "set_thumb", "1");
	return vk_call(vk, "video.saveUploadedThumb", &form, NULL, err);
}

bool
vk_cover(Vk *vk, const Publication *publication, VkVideo video, Error *err)
{
	CLEANUP(close) int fd = -1;
	CLEANUP(json) cJSON *where = NULL;
	CLEANUP(json) cJSON *picture = NULL;
	const cJSON *poster = lesson_artifact(publication->input, "poster");
	VkForm form = {.count = 0};
	CallPart file = {.name = "file", .file_name = "poster.jpg", .type = "image/jpeg"};

	if (poster == NULL)
		return true;
	if (!storage_open(publication->storage, json_text(poster, "uri", ""), &fd,
					  &file.bytes, err))
		return false;
	if (file.bytes > COVER_MOST)
		return error_set(
			err, ERROR_PERMANENT, "picture_too_large",
			"Set another cover in VK, or switch thumbnail off in the preset.",
			"the picture has more than 5 MiB, which VK does not take");
	file.fd = fd;
	vk_number(&form, "owner_id", video.owner);
	return vk_call(vk, "video.getThumbUploadUrl", &form, &where, err) &&
		   vk_send(vk, json_text(where, "upload_url", ""), &file, 0.95, 0.97,
				   "sending the picture", &picture, err) &&
		   use_cover(vk, video, picture, err);
}

bool
vk_album(Vk *vk, VkVideo video, int64_t album, Error *err)
{
	VkForm form = {.count = 0};

	vk_number(&form, "target_id", video.owner);
	vk_number(&form, "album_id", album);
	vk_number(&form, "owner_id", video.owner);
	vk_number(&form, "video_id", video.id);
	return vk_call(vk, "video.addToAlbum", &form, NULL, err) ||
		   vk->code == VK_ALBUM_HAS_VIDEO;
}

bool
vk_wall(Vk *vk, VkVideo video, const char *guid, Error *err)
{
	VkForm form = {.count = 0};
	char attachment[64];

	snprintf(attachment, sizeof attachment, "video%lld_%lld", (long long) video.owner,
			 (long long) video.id);
	vk_number(&form, "owner_id", video.owner);
	if (video.owner < 0)
		vk_text(&form, "from_group", "1");
	vk_text(&form, "attachments", attachment);
	vk_text(&form, "guid", guid);
	return vk_call(vk, "wall.post", &form, NULL, err);
}
