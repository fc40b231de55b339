/*
 * platform/lesson.h
 *	  A finished lesson: what a publication is made of, read from the task's input and the
 *	  storage.
 */
#ifndef LEAP_PLATFORM_LESSON_H
#define LEAP_PLATFORM_LESSON_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "platform/lesson_files.h"
#include "platform/platform.h"

typedef struct Lesson
{
	const cJSON *input;
	const char *id; /* of the recording */
	const char *title;
	const char *description; /* "" when there is none */
	char date[11];           /* yyyy-mm-dd */
	double duration;
	const char *language;  /* "" when nothing was transcribed */
	const char *container; /* of the video: "mp4" ... */
	cJSON *outline;        /* topics, summary; NULL when there is none */
	cJSON *transcript;     /* NULL when there is none */
	LessonFiles files;     /* all but the video, whose name depends on its container */
	char *cues[LESSON_FILES_MOST]; /* of the file at that place: WebVTT, or NULL */
	bool has_poster;
	struct
	{
		int64_t bytes;
		char sha256[HASH_HEX_SIZE]; /* "" = the file is the artifact itself */
	} video;                        /* as it is published */
} Lesson;

/* Reads what is needed; a recording without video is permanent, code artifact_missing.
 * lesson_free in either case. */
bool lesson_read(const Publication *publication, Lesson *lesson, Error *err);
void lesson_free(Lesson *lesson);

/* For CLEANUP(lesson). */
static inline void
cleanup_lesson(Lesson *lesson)
{
	lesson_free(lesson);
}

/* The artifact's entry in the task's input, or NULL. */
const cJSON *lesson_artifact(const cJSON *input, const char *kind);

/* The name of the video's file, "video.mp4". */
void lesson_video_name(const Lesson *lesson, char name[32]);

/* What people call the language of a file with cues, for them to choose: at least 64
 * bytes. */
void lesson_track_label(const Lesson *lesson, size_t file, char *label, size_t size);

/* The page, and what a machine wants to know, as complete documents. */
void lesson_write_page(const Lesson *lesson, Buffer *out);
cJSON *lesson_metadata(const Lesson *lesson);

#endif
