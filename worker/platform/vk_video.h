/*
 * platform/vk_video.h
 *	  How the bytes of a video get to VK, once.
 */
#ifndef LEAP_PLATFORM_VK_VIDEO_H
#define LEAP_PLATFORM_VK_VIDEO_H

#include "platform/vk_extra.h"

/* A publication on its way. */
typedef struct VkWork
{
	const Publication *publication;
	const cJSON *settings; /* what it is published with; may be NULL */
	Vk vk;
	cJSON *state; /* {"sha256","owner_id","video_id","access_key","upload_url","begun",
					 "sent","wall_at","wall"}: the platform's checkpoint */
	VkVideo video;
	int fd;
	int64_t bytes;
} VkWork;

/* vk_work_free in any case. */
VkWork vk_work_of(const Publication *publication);
void vk_work_free(VkWork *work);

/* For CLEANUP(vk_work). */
static inline void
cleanup_vk_work(VkWork *work)
{
	vk_work_free(work);
}

/* Notes in the state that a step is done, durably. */
bool vk_mark(VkWork *work, const char *step, Error *err);

/* The parameters that video.save and video.edit share but for the name of the description. */
void vk_put_settings(const VkWork *work, VkForm *form, const char *description_name);

/* Gets the video to VK, from wherever an earlier attempt has brought it. */
bool vk_deliver(VkWork *work, Error *err);

/* The video as VK knows it; *seen, owned by the caller, is NULL when it shows none. key: its
 * access_key, or "". */
bool vk_look(Vk *vk, VkVideo video, const char *key, cJSON **seen, Error *err);

bool vk_delete(Vk *vk, VkVideo video, Error *err);

#endif
