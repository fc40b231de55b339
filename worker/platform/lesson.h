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
	char *cues;            /* subtitles as WebVTT; NULL when there are none */
	bool has_poster;
} Lesson;

/* A file of a published lesson, made of an artifact. */
typedef struct LessonFile
{
	const char *kind; /* of the artifact */
	const char *name;
	const char *label; /* for a download link; NULL = not offered */
} LessonFile;

/* All but the video, whose name depends on its container; a row without kind ends it. */
extern const LessonFile lesson_files[];

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

/* The page, and what a machine wants to know, as complete documents. */
void lesson_write_page(const Lesson *lesson, Buffer *out);
cJSON *lesson_metadata(const Lesson *lesson);

#endif
