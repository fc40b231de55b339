/*
 * platform/youtube_extras.h
 *	  What belongs to a video beside its file and its description: playlist, thumbnail,
 *	  captions.
 */
#ifndef LEAP_PLATFORM_YOUTUBE_EXTRAS_H
#define LEAP_PLATFORM_YOUTUBE_EXTRAS_H

#include "platform/youtube.h"

/* Each step is noted in the state when it is done and is not done again. What fails for good
 * is a warning in the target: the video is published without. False as of youtube_must_stop:
 * another attempt makes up for it, and finds the video there. */
bool youtube_extras(YouTube *youtube, const char *video, Error *err);

#endif
