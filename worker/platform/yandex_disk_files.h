/*
 * platform/yandex_disk_files.h
 *	  The files beside a video on a disk: subtitles, transcript, poster, description.
 */
#ifndef LEAP_PLATFORM_YANDEX_DISK_FILES_H
#define LEAP_PLATFORM_YANDEX_DISK_FILES_H

#include "platform/yandex_disk_place.h"

/*
 * Stores those that the settings name, as far as they differ from what is there, and takes
 * away those of `before` (meta.files of an earlier time) that should be there no more. A file
 * that cannot be stored for good is a warning of the target; other errors are returned. Adds
 * meta.files, [{"path","sha256"}], to *target. What is going to be written is noted in
 * state.files first.
 *
 * Settings: `sidecars`, words; and subtitles_srt, subtitles_vtt, transcription,
 * description_txt, objects with a folder_path, filename or content of their own. With such an
 * object and no `sidecars` there is only what has one; with nothing of both, everything.
 */
bool yandex_files_store(const Publication *publication, YandexDisk *disk,
						const char *video, Lesson *lesson, cJSON *state, cJSON *target,
						Error *err);

/* Takes away those of meta.files that are still as they were written, but not those that
 * `keep`, another such list, names; it may be NULL. */
bool yandex_files_remove(YandexDisk *disk, const cJSON *files, const cJSON *keep,
						 Error *err);

#endif
