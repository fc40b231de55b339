/*
 * task/topics.c
 *	  Finds what the lecture is about, and when: topics for readers, chapters for players.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "outline/chapters.h"
#include "outline/outline.h"
#include "task/artifact.h"
#include "task/task.h"

static bool
write_outline(TaskContext *context, const cJSON *outline, Error *err)
{
	CLEANUP(free) char *text = json_print(outline);
	cJSON *metadata = cJSON_CreateObject();

	cJSON_AddNumberToObject(metadata, "count",
							cJSON_GetArraySize(json_at(outline, "topics")));
	cJSON_AddStringToObject(metadata, "provider", json_text(outline, "provider", ""));
	return artifact_write(context, "topics", "json", "application/json", metadata, text,
						  strlen(text), err);
}

static bool
write_chapters(TaskContext *context, const cJSON *outline, double duration, Error *err)
{
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	chapters_vtt(outline, duration, &text);
	return artifact_write(context, "chapters", "vtt", "text/vtt", NULL, text.data,
						  text.length, err);
}

static void
state_facts(TaskContext *context, const cJSON *outline)
{
	task_fact(context, "topic_timestamps",
			  cJSON_Duplicate(json_at(outline, "topics"), true));
	task_fact(context, "main_topics",
			  cJSON_Duplicate(json_at(outline, "main_topics"), true));
	/* for descriptions */
	task_fact(context, "summary", cJSON_Duplicate(json_at(outline, "summary"), true));
	task_fact(context, "questions", cJSON_Duplicate(json_at(outline, "questions"), true));
}

bool
task_topics(TaskContext *context, Error *err)
{
	CLEANUP(json) cJSON *transcript = NULL;
	CLEANUP(json) cJSON *outline = NULL;
	OutlineRequest request = {
		.granularity =
			json_text(context->input, "config.transcription.granularity", NULL),
		.duration = json_number(context->input, "recording.final_duration", 0),
	};

	if (!artifact_read_json(context, "transcript", &transcript, err) ||
		!task_progress(context, 0.1, "finding topics", err))
		return false;
	request.transcript = transcript;
	if (request.duration <= 0)
		request.duration = json_number(transcript, "duration", 0);
	if (!outline_make(NULL, &request, &outline, err) ||
		!task_progress(context, 0.9, "writing", err))
		return false;
	state_facts(context, outline);
	return write_outline(context, outline, err) &&
		   write_chapters(context, outline, request.duration, err);
}
