/*
 * platform/vk_extra.h
 *	  What comes with a video on VK and may fail without it: cover, album, post on the wall.
 */
#ifndef LEAP_PLATFORM_VK_EXTRA_H
#define LEAP_PLATFORM_VK_EXTRA_H

#include "platform/vk_call.h"

typedef struct VkVideo
{
	int64_t owner; /* negative: a community */
	int64_t id;
} VkVideo;

/* "-218861756_456239017", as people and VK name it. False: that is no such name. */
bool vk_video_of(const char *remote_id, VkVideo *video);

/* Sets the poster of the lesson as the cover; a recording without one leaves VK's own. */
bool vk_cover(Vk *vk, const Publication *publication, VkVideo video, Error *err);

/* Puts the video into that album, where it may be already. */
bool vk_album(Vk *vk, VkVideo video, int64_t album, Error *err);

/* Posts the video on its owner's wall. VK makes no second post with the same guid within an
 * hour. */
bool vk_wall(Vk *vk, VkVideo video, const char *guid, Error *err);

#endif
