/*
 * task/examine.c
 *	  What a source is: leap-media looks at it, what it finds is judged and kept.
 */
#include "task/examine.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/process.h"

static bool
analyse(const TaskContext *context, const Artifact *source, const Artifact *envelope,
		const Artifact *waveform, const Artifact *audio, const Artifact *poster,
		cJSON **analysis, Error *err)
{
	static const char *const argv[] = {"analyse", "--input",    "3", "--envelope",
									   "4",       "--audio",    "5", "--poster",
									   "6",       "--waveform", "7", NULL};
	const ProcessFd fds[] = {
		{source->fd,   3},
		{envelope->fd, 4},
		{audio->fd,    5},
		{poster->fd,   6},
		{waveform->fd, 7}
    };

	return process_media(context->media_program, argv, fds, sizeof fds / sizeof fds[0],
						 context->reporter, EXAMINE_FROM, 0.98, "analysing", analysis,
						 err);
}

/* Says in one message all that is wrong with the recording. */
static bool
refuse(const cJSON *analysis, const char *code, const char *what, const char *hint,
	   Error *err)
{
	char reasons[400] = "";
	size_t length = 0;
	const cJSON *reason;

	cJSON_ArrayForEach(reason, json_at(analysis, "reasons"))
	{
		int added = snprintf(reasons + length, sizeof reasons - length, "%s%s",
							 length > 0 ? "; " : ": ", json_text(reason, "message", "?"));

		if (added < 0 || (size_t) added >= sizeof reasons - length)
			break;
		length += (size_t) added;
	}
	return error_set(err, ERROR_INPUT, code, hint, "%s%s", what, reasons);
}

static bool
judge(const cJSON *analysis, Error *err)
{
	const char *verdict = json_text(analysis, "verdict", "");

	if (strcmp(verdict, "truncated") == 0)
		return refuse(analysis, "truncated", "the recording is not complete",
					  "Download or copy it again from where it was made.", err);
	if (strcmp(verdict, "rejected") == 0)
		return refuse(analysis, "not_media", "the file cannot be used as a recording",
					  "Give a video or sound file that plays.", err);
	return true;
}

static const char *
media_type(const cJSON *analysis)
{
	static const struct
	{
		const char *container, *video, *sound;
	} types[] = {
		{"mp4",  "video/mp4",        "audio/mp4"       },
		{"mov",  "video/quicktime",  "audio/mp4"       },
		{"webm", "video/webm",       "audio/webm"      },
		{"mkv",  "video/x-matroska", "audio/x-matroska"},
	};
	const char *container = json_text(analysis, "container", "");
	bool video = cJSON_IsObject(json_at(analysis, "video"));

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].container, container) == 0)
			return video ? types[i].video : types[i].sound;
	return "application/octet-stream";
}

/* An object with copies of some members of another one. */
static cJSON *
pick(const cJSON *from, const char *const *names)
{
	cJSON *picked = cJSON_CreateObject();

	for (; *names != NULL; names++)
		if (json_at(from, *names) != NULL)
			json_put(picked, *names, cJSON_Duplicate(json_at(from, *names), true));
	return picked;
}

static bool
has_sound(const cJSON *analysis)
{
	return strcmp(json_text(analysis, "speech.verdict", "no_audio"), "no_audio") != 0;
}

static bool
keep_results(TaskContext *context, const cJSON *analysis, Artifact *source,
			 Artifact *envelope, Artifact *waveform, Artifact *audio, Artifact *poster,
			 Error *err)
{
	static const char *const about_source[] = {"container", "duration", NULL};
	static const char *const about_audio[] = {"duration", NULL};
	static const char *const about_poster[] = {"width", "height", NULL};
	CLEANUP(free) char *text = json_print(analysis);
	const cJSON *picture = json_at(analysis, "poster");

	if (!artifact_finish(source, media_type(analysis), pick(analysis, about_source),
						 err) ||
		!artifact_write(context, "analysis", "json", "application/json", NULL, text,
						strlen(text), err))
		return false;
	if (has_sound(analysis) &&
		(!artifact_finish(envelope, "application/octet-stream", NULL, err) ||
		 !artifact_finish(waveform, "application/octet-stream", NULL, err) ||
		 !artifact_finish(audio, "audio/wav", pick(analysis, about_audio), err)))
		return false;
	return !cJSON_IsObject(picture) ||
		   artifact_finish(poster, "image/jpeg", pick(picture, about_poster), err);
}

static void
state_facts(TaskContext *context, const cJSON *analysis)
{
	task_fact(context, "duration",
			  cJSON_CreateNumber(json_number(analysis, "duration", 0)));
	task_fact(context, "has_video",
			  cJSON_CreateBool(cJSON_IsObject(json_at(analysis, "video"))));
	task_fact(context, "has_audio", cJSON_CreateBool(has_sound(analysis)));
	task_fact(context, "speech",
			  cJSON_CreateString(json_text(analysis, "speech.verdict", "no_audio")));
	task_fact(context, "verdict", cJSON_CreateString(json_text(analysis, "verdict", "")));
}

bool
examine_source(TaskContext *context, Artifact *source, Error *err)
{
	CLEANUP(artifact) Artifact envelope = ARTIFACT_NONE;
	CLEANUP(artifact) Artifact waveform = ARTIFACT_NONE;
	CLEANUP(artifact) Artifact audio = ARTIFACT_NONE;
	CLEANUP(artifact) Artifact poster = ARTIFACT_NONE;
	CLEANUP(json) cJSON *analysis = NULL;

	if (!artifact_create(context, "envelope", "lenv", &envelope, err) ||
		!artifact_create(context, "waveform", "dat", &waveform, err) ||
		!artifact_create(context, "audio", "wav", &audio, err) ||
		!artifact_create(context, "poster", "jpg", &poster, err) ||
		!analyse(context, source, &envelope, &waveform, &audio, &poster, &analysis,
				 err) ||
		!judge(analysis, err) ||
		!keep_results(context, analysis, source, &envelope, &waveform, &audio, &poster,
					  err))
		return false;
	state_facts(context, analysis);
	return true;
}
