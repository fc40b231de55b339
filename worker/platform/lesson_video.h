/*
 * platform/lesson_video.h
 *	  The video of a lesson in a folder, with its chapters in it where it can have them.
 */
#ifndef LEAP_PLATFORM_LESSON_VIDEO_H
#define LEAP_PLATFORM_LESSON_VIDEO_H

#include "platform/lesson.h"

/*
 * Puts the video under that name into the caller's folder, readable for all and synced. An
 * MP4 of a lesson with topics is written once more, with chapters that players show, and
 * lesson->video tells what it is then; any other is storage_place()d, which as a rule copies
 * nothing. Chapters that cannot be put in are no reason to publish nothing: it is logged,
 * and the video goes out without.
 */
bool lesson_video_place(const Publication *publication, Lesson *lesson, int folder_fd,
						const char *name, Error *err);

#endif
