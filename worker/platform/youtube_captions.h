/*
 * platform/youtube_captions.h
 *	  The subtitles of a lesson as caption tracks of its video.
 */
#ifndef LEAP_PLATFORM_YOUTUBE_CAPTIONS_H
#define LEAP_PLATFORM_YOUTUBE_CAPTIONS_H

#include "platform/youtube.h"

/* Brings the video's tracks that are ours, by their name, in line with the lesson's
 * subtitles, one a language; what is there already is not sent again. Tracks of people stay
 * as they are. Each that cannot be had is a warning in the target; false only as of
 * youtube_must_stop. */
bool youtube_captions(YouTube *youtube, const char *video, Error *err);

#endif
