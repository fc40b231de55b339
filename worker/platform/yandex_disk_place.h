/*
 * platform/yandex_disk_place.h
 *	  Where a lesson is on a disk: its folder, the path of its video, those of the files beside
 *	  it. Paths are as the service writes them, "disk:/Lectures/One.mp4".
 */
#ifndef LEAP_PLATFORM_YANDEX_DISK_PLACE_H
#define LEAP_PLATFORM_YANDEX_DISK_PLACE_H

#include "platform/lesson.h"
#include "platform/yandex_disk_call.h"

#define YANDEX_NAME_MOST 255 /* characters of a name, by the document; bytes, here */

/*
 * The folder of the settings and the name of the video in it: filename, or day and title,
 * with the suffix of the video. number > 1 is put behind it, "One (2).mp4". Errors:
 * permanent, bad_settings and bad_path.
 */
bool yandex_place_video(const cJSON *settings, const Lesson *lesson, int number,
						char path[YANDEX_PATH_SIZE], Error *err);

/* A name in a folder, both as people wrote them: permanent, bad_path. */
bool yandex_place_join(const char *folder, const char *name, char path[YANDEX_PATH_SIZE],
					   Error *err);

/* What lies beside a video: the path with another suffix, "srt", "ru.srt". */
bool yandex_place_beside(const char *video, const char *suffix,
						 char path[YANDEX_PATH_SIZE], Error *err);

/* The path of a hidden file in the folder of this one, the same for the same words. */
bool yandex_place_hidden(const char *video, const char *words,
						 char path[YANDEX_PATH_SIZE], Error *err);

/* Sees to it that the folder of a path is there. Those that are made are added to `made`. */
bool yandex_place_make(YandexDisk *disk, const char *path, cJSON *made, Error *err);

/* Takes away those of the folders that are empty. */
bool yandex_place_clear(YandexDisk *disk, const cJSON *made, Error *err);

#endif
