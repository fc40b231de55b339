/*
 * platform/s3_files.h
 *	  The files beside a video in a bucket: subtitles, transcript, poster, description, what
 *	  a machine wants to know.
 */
#ifndef LEAP_PLATFORM_S3_FILES_H
#define LEAP_PLATFORM_S3_FILES_H

#include "platform/s3_place.h"

/*
 * Stores those that the setting `sidecars` names (all without it), as far as they are there
 * and differ from what is there already, and takes away those of this target that should be
 * there no more. A file that cannot be stored for good is a warning of the target; other
 * errors are returned. Adds meta.files, the keys, to *target.
 */
bool s3_files_store(const Publication *publication, S3 *s3, const S3Place *place,
					Lesson *lesson, cJSON *target, Error *err);

/* Takes away all objects beside the video, and itself, that are of this target. */
bool s3_files_remove(const Publication *publication, S3 *s3, const S3Place *place,
					 Error *err);

#endif
