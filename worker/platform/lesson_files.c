/*
 * platform/lesson_files.c
 *	  The files a published lesson consists of.
 */
#include "platform/lesson_files.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "platform/language_name.h"

/* What there is once. */
static const struct
{
	const char *kind;
	const char *name;
	const char *label;
	bool words; /* says what was said */
} single[] = {
	{"poster",     "poster.jpg",      "",                  false},
	{"srt",        "subtitles.srt",   "Subtitles (SRT)",   true },
	{"vtt",        "subtitles.vtt",   "Subtitles (VTT)",   true },
	{"chapters",   "chapters.vtt",    "",                  true },
	{"text",       "transcript.txt",  "Transcript",        true },
	{"transcript", "transcript.json", "Transcript (JSON)", true },
};

/* What there is in each language that was brought along: "vtt:ru". */
static const struct
{
	const char *kind;
	const char *label;
} spoken[] = {
	{"srt", "SRT"},
	{"vtt", "VTT"},
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

bool
lesson_text_is_withheld(const cJSON *input)
{
	return cJSON_IsTrue(json_at(input, "recording.facts.quality.withheld"));
}

static bool
is_there(const cJSON *artifact)
{
	return json_text(artifact, "uri", NULL) != NULL;
}

/* The next place in the list, or NULL. */
static LessonFile *
add(LessonFiles *files, const char *kind, const char *language)
{
	LessonFile *file;

	if (files->count == LESSON_FILES_MOST)
		return NULL;
	file = &files->items[files->count++];
	*file = (LessonFile){.kind = kind, .language = language};
	file->cues = strncmp(kind, "vtt", 3) == 0;
	return file;
}

static void
add_language(const cJSON *artifact, LessonFiles *files)
{
	const char *kind = artifact->string;

	for (size_t i = 0; i < LENGTH(spoken); i++)
	{
		size_t length = strlen(spoken[i].kind);
		const char *language = kind + length + 1;
		LessonFile *file;
		char name[80];

		if (strncmp(kind, spoken[i].kind, length) != 0 || kind[length] != ':' ||
			!language_is_tag(language) || (file = add(files, kind, language)) == NULL)
			continue;
		language_name(language, name, sizeof name);
		snprintf(file->name, sizeof file->name, "subtitles.%s.%s", language,
				 spoken[i].kind);
		snprintf(file->label, sizeof file->label, "%s (%s)", name, spoken[i].label);
	}
}

void
lesson_files_of(const cJSON *input, LessonFiles *files)
{
	const cJSON *artifacts = json_at(input, "artifacts");
	const cJSON *artifact;
	bool withheld = lesson_text_is_withheld(input);

	files->count = 0;
	for (size_t i = 0; i < LENGTH(single); i++)
	{
		LessonFile *file;

		artifact = cJSON_GetObjectItemCaseSensitive(artifacts, single[i].kind);
		if (!is_there(artifact) || (withheld && single[i].words) ||
			(file = add(files, single[i].kind, NULL)) == NULL)
			continue;
		snprintf(file->name, sizeof file->name, "%s", single[i].name);
		snprintf(file->label, sizeof file->label, "%s", single[i].label);
	}
	cJSON_ArrayForEach(artifact, artifacts) if (!withheld && is_there(artifact))
		add_language(artifact, files);
}
