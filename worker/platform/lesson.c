/*
 * platform/lesson.c
 *	  A finished lesson, read from the task's input and the storage.
 */
#include "platform/lesson.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "platform/language_name.h"

/* Larger texts are not ours. */
#define TEXT_MOST ((int64_t) 64 << 20)

const cJSON *
lesson_artifact(const cJSON *input, const char *kind)
{
	const cJSON *all = json_at(input, "artifacts");
	const cJSON *entry = cJSON_GetObjectItemCaseSensitive(all, kind);

	return json_text(entry, "uri", NULL) != NULL ? entry : NULL;
}

/* The text of an artifact, NULL when the recording has none of that kind. */
static bool
read_text(const Publication *publication, const char *kind, char **text, Error *err)
{
	CLEANUP(close) int fd = -1;
	CLEANUP(free) char *bytes = NULL;
	const cJSON *entry = lesson_artifact(publication->input, kind);
	int64_t size = 0;
	int64_t have = 0;

	*text = NULL;
	if (entry == NULL)
		return true;
	if (!storage_open(publication->storage, json_text(entry, "uri", ""), &fd, &size, err))
		return false;
	if (size > TEXT_MOST)
		return error_set(err, ERROR_PERMANENT, "artifact_too_large",
						 "Run the step that made it again: leap run --force RECORDING.",
						 "artifact %s has %lld bytes", kind, (long long) size);
	bytes = array_new((size_t) size + 1, 1);
	while (have < size)
	{
		ssize_t got = read(fd, bytes + have, (size_t) (size - have));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_errno(err, "read_failed", "cannot read artifact %s", kind);
		have += got;
	}
	*text = bytes;
	bytes = NULL;
	return true;
}

static bool
read_json(const Publication *publication, const char *kind, cJSON **json, Error *err)
{
	CLEANUP(free) char *text = NULL;

	if (!read_text(publication, kind, &text, err))
		return false;
	return text == NULL || json_parse(text, strlen(text), kind, json, err);
}

/* The day of an ISO date; a text that is none gives the first day of all. */
static void
take_day(const char *text, char day[11])
{
	static const char shape[] = "dddd-dd-dd";
	size_t i = 0;

	while (shape[i] != '\0' &&
		   (shape[i] == 'd' ? isdigit((unsigned char) text[i]) != 0 : text[i] == '-'))
		i++;
	snprintf(day, 11, "%s", i == 10 ? text : "1970-01-01");
}

/* What people wrote for the lesson; what stands in for a description elsewhere (its date, its
 * topics) is on the page anyway. */
static const char *
description_of(const cJSON *input)
{
	const cJSON *one;

	cJSON_ArrayForEach(
		one, json_at(input, "target.publication.fallbacks")) if (cJSON_IsString(one) &&
																 strcmp(one->valuestring,
																		"description") ==
																	 0) return "";
	return json_text(input, "target.publication.description", "");
}

static void
take_facts(Lesson *lesson)
{
	const cJSON *input = lesson->input;
	const cJSON *video = lesson_artifact(input, "video");

	lesson->id = json_text(input, "recording.id", "");
	lesson->title = json_text(input, "target.publication.title",
							  json_text(input, "recording.name", "Lecture"));
	lesson->description = description_of(input);
	take_day(json_text(input, "recording.start_time",
					   json_text(input, "recording.created_at", "")),
			 lesson->date);
	lesson->duration =
		json_number(input, "recording.final_duration",
					json_number(video, "metadata.duration",
								json_number(input, "recording.duration", 0)));
	lesson->container = json_text(video, "metadata.container", "mp4");
	lesson->has_poster = lesson_artifact(input, "poster") != NULL;
}

bool
lesson_read(const Publication *publication, Lesson *lesson, Error *err)
{
	*lesson = (Lesson){.input = publication->input, .language = ""};
	if (lesson_artifact(publication->input, "video") == NULL)
		return error_set(err, ERROR_PERMANENT, "artifact_missing",
						 "Run the earlier stages of this recording again.",
						 "the recording has no video to publish");
	take_facts(lesson);
	lesson_files_of(publication->input, &lesson->files);
	if (!lesson_text_is_withheld(publication->input) &&
		(!read_json(publication, "topics", &lesson->outline, err) ||
		 !read_json(publication, "transcript", &lesson->transcript, err)))
		return false;
	for (size_t i = 0; i < lesson->files.count; i++)
		if (lesson->files.items[i].cues &&
			!read_text(publication, lesson->files.items[i].kind, &lesson->cues[i], err))
			return false;
	lesson->language = json_text(lesson->transcript, "language", "");
	return true;
}

void
lesson_free(Lesson *lesson)
{
	cJSON_Delete(lesson->outline);
	cJSON_Delete(lesson->transcript);
	for (size_t i = 0; i < lesson->files.count; i++)
		free(lesson->cues[i]);
	*lesson = (Lesson){.input = NULL};
}

void
lesson_video_name(const Lesson *lesson, char name[32])
{
	static const char *const containers[] = {"mp4", "webm", "mkv"};
	const char *suffix = "mp4";

	for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++)
		if (strcmp(containers[i], lesson->container) == 0)
			suffix = containers[i];
	snprintf(name, 32, "video.%s", suffix);
}

void
lesson_track_label(const Lesson *lesson, size_t file, char *label, size_t size)
{
	const char *language = lesson->files.items[file].language;

	if (language == NULL)
		language = lesson->language;
	if (language[0] == '\0')
		snprintf(label, size, "Subtitles");
	else
		language_name(language, label, size);
}

static void
add_file(cJSON *files, const cJSON *artifact, const char *name)
{
	cJSON *file = cJSON_CreateObject();

	cJSON_AddStringToObject(file, "name", name);
	json_add_int64(file, "bytes", json_int64(artifact, "bytes", 0));
	cJSON_AddStringToObject(file, "sha256", json_text(artifact, "sha256", ""));
	cJSON_AddStringToObject(file, "media_type", json_text(artifact, "media_type", ""));
	cJSON_AddItemToArray(files, file);
}

static void
copy_member(cJSON *to, const char *name, const cJSON *from)
{
	const cJSON *value = json_at(from, name);

	if (value != NULL)
		json_put(to, name, cJSON_Duplicate(value, true));
}

cJSON *
lesson_metadata(const Lesson *lesson)
{
	cJSON *metadata = cJSON_CreateObject();
	cJSON *files = cJSON_CreateArray();
	char video[32];

	cJSON_AddNumberToObject(metadata, "version", 1);
	cJSON_AddStringToObject(metadata, "id", lesson->id);
	cJSON_AddStringToObject(metadata, "title", lesson->title);
	cJSON_AddStringToObject(metadata, "description", lesson->description);
	copy_member(metadata, "tags", json_at(lesson->input, "target.publication"));
	cJSON_AddStringToObject(metadata, "date", lesson->date);
	cJSON_AddNumberToObject(metadata, "duration", lesson->duration);
	cJSON_AddStringToObject(metadata, "language", lesson->language);
	copy_member(metadata, "topics", lesson->outline);
	copy_member(metadata, "main_topics", lesson->outline);
	copy_member(metadata, "summary", lesson->outline);
	cJSON_AddItemToObject(metadata, "files", files);
	lesson_video_name(lesson, video);
	add_file(files, lesson_artifact(lesson->input, "video"), video);
	if (lesson->video.sha256[0] != '\0')
	{
		json_put(files->child, "sha256", cJSON_CreateString(lesson->video.sha256));
		cJSON_DeleteItemFromObjectCaseSensitive(files->child, "bytes");
		json_add_int64(files->child, "bytes", lesson->video.bytes);
	}
	for (size_t i = 0; i < lesson->files.count; i++)
		add_file(files, lesson_artifact(lesson->input, lesson->files.items[i].kind),
				 lesson->files.items[i].name);
	return metadata;
}
