/*
 * platform/youtube_video.h
 *	  A lesson as YouTube describes videos: title, description, tags, and who may see it.
 */
#ifndef LEAP_PLATFORM_YOUTUBE_VIDEO_H
#define LEAP_PLATFORM_YOUTUBE_VIDEO_H

#include "platform/youtube.h"

/* {"snippet","status"} of a video that is to be made, with the marker as its first tag. Tags
 * that no longer fit beside it are left out, with a warning in the target. */
cJSON *youtube_new_video(YouTube *youtube, const char *marker);

/*
 * The same for a video that is there, which current describes: {"id","snippet","status"} with
 * all that may be written, as YouTube deletes what an update does not mention. What the
 * settings say is ours; what they do not mention, and what people chose on YouTube where the
 * settings leave it open, stays. NULL when nothing would change.
 */
cJSON *youtube_changed_video(YouTube *youtube, const cJSON *current);

#endif
