/*
 * platform/lesson_files.h
 *	  The files a published lesson consists of, beside its video and its page.
 */
#ifndef LEAP_PLATFORM_LESSON_FILES_H
#define LEAP_PLATFORM_LESSON_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

/* So many a lesson may have; what is more is not published. */
#define LESSON_FILES_MOST 48

/* A file of a published lesson, made of an artifact. */
typedef struct LessonFile
{
	const char *kind;     /* of the artifact */
	const char *language; /* of subtitles that were brought along; NULL = of the lesson */
	bool cues;            /* subtitles as WebVTT */
	char name[64];
	char label[96]; /* for a download link; "" = not offered */
} LessonFile;

typedef struct LessonFiles
{
	LessonFile items[LESSON_FILES_MOST];
	size_t count;
} LessonFiles;

/*
 * The files of a task's input: what is there of poster, subtitles in all languages, chapters
 * and transcript. Of a recording whose text is withheld (docs/speech.md) none that holds
 * words; lesson_text_is_withheld tells that. The files point into the input.
 */
void lesson_files_of(const cJSON *input, LessonFiles *files);
bool lesson_text_is_withheld(const cJSON *input);

#endif
