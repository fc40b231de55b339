/*
 * platform/yandex_disk_video.h
 *	  How the video of a lesson gets to its place on a disk, whole and once.
 */
#ifndef LEAP_PLATFORM_YANDEX_DISK_VIDEO_H
#define LEAP_PLATFORM_YANDEX_DISK_VIDEO_H

#include "base/cleanup.h"
#include "platform/yandex_disk_place.h"

typedef struct YandexWork
{
	const Publication *publication;
	const cJSON *settings;
	YandexDisk disk;
	Lesson lesson;
	YandexBody body;
	cJSON *state; /* the checkpoint */
	char path[YANDEX_PATH_SIZE];
} YandexWork;

/* Reads the lesson, its video and what earlier attempts stored; yandex_work_free in either
 * case. */
bool yandex_work_open(const Publication *publication, YandexWork *work, Error *err);
void yandex_work_free(YandexWork *work);

/* For CLEANUP(yandex_work). */
static inline void
cleanup_yandex_work(YandexWork *work)
{
	yandex_work_free(work);
}

bool yandex_work_save(const YandexWork *work, Error *err);

/* Brings the video to the place of the settings, or to a free one beside it: work->path. */
bool yandex_video_deliver(YandexWork *work, Error *err);

/* Makes the file at work->path be this video; links to it stay as they are. */
bool yandex_video_replace(YandexWork *work, Error *err);

#endif
