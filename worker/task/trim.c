/*
 * task/trim.c
 *	  Cuts the silence at both ends off, without touching the quality.
 *
 * The analysis made while downloading holds the window to keep for the standard settings;
 * for others it is computed anew from the stored loudness envelope, which decodes nothing.
 * A recording that is to stay whole is written anew all the same: players get one
 * container with its index in front.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/process.h"
#include "task/artifact.h"
#include "task/task.h"

/* The boundary options of leap-media with the defaults the analysis was made with. */
static const struct
{
	const char *key;
	const char *flag;
	double standard; /* NAN = adaptive */
} boundary_options[] = {
	{"trimming.padding_before",       "--padding-before", 5  },
	{"trimming.padding_after",        "--padding-after",  5  },
	{"trimming.min_silence_duration", "--min-silence",    2  },
	{"trimming.max_trim_share",       "--max-trim-share", 0.4},
	{"trimming.silence_threshold",    "--threshold",      NAN},
};

#define OPTION_COUNT_OF_BOUNDARIES (sizeof boundary_options / sizeof boundary_options[0])

/* Which file name and type a container has. */
static const struct
{
	const char *container;
	const char *extension;
	const char *video_type;
	const char *audio_type;
} containers[] = {
	{"mp4",  "mp4",  "video/mp4",        "audio/mp4"       },
	{"webm", "webm", "video/webm",       "audio/webm"      },
	{"mkv",  "mkv",  "video/x-matroska", "audio/x-matroska"},
};

typedef struct Window
{
	double start;
	double end;
	int sound; /* stream index of the track that holds the speech; -1: there is none */
} Window;

static size_t
find_container(const char *name)
{
	for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++)
		if (strcmp(containers[i].container, name) == 0)
			return i;
	return 0;
}

static bool
settings_differ(const cJSON *config)
{
	for (size_t i = 0; i < OPTION_COUNT_OF_BOUNDARIES; i++)
	{
		double standard = boundary_options[i].standard;
		double value = json_number(config, boundary_options[i].key, standard);

		if (isnan(standard) ? !isnan(value) : fabs(value - standard) > 1e-6)
			return true;
	}
	return false;
}

/* Computes the window from the envelope under this recording's own settings. */
static bool
tune_window(TaskContext *context, double duration, Window *window, Error *err)
{
	const cJSON *config = json_at(context->input, "config");
	CLEANUP(close) int envelope = -1;
	CLEANUP(json) cJSON *answer = NULL;
	char values[OPTION_COUNT_OF_BOUNDARIES + 1][32];
	const char *argv[2 * OPTION_COUNT_OF_BOUNDARIES + 6] = {"boundaries", "--envelope",
															"3", "--duration"};
	size_t count = 4;

	if (!artifact_open(context, "envelope", &envelope, err))
		return false;
	const ProcessFd fd = {envelope, 3};

	snprintf(values[OPTION_COUNT_OF_BOUNDARIES], sizeof values[0], "%.3f", duration);
	argv[count++] = values[OPTION_COUNT_OF_BOUNDARIES];
	for (size_t i = 0; i < OPTION_COUNT_OF_BOUNDARIES; i++)
	{
		double value =
			json_number(config, boundary_options[i].key, boundary_options[i].standard);

		if (isnan(value))
			continue;
		snprintf(values[i], sizeof values[i], "%.6g", value);
		argv[count++] = boundary_options[i].flag;
		argv[count++] = values[i];
	}
	argv[count] = NULL;
	if (!process_media(context->media_program, argv, &fd, 1, context->reporter, 0, 0.1,
					   "finding the speech", &answer, err))
		return false;
	window->start = json_number(answer, "keep.start", 0);
	window->end = json_number(answer, "keep.end", duration);
	return true;
}

static bool
choose_window(TaskContext *context, const cJSON *analysis, Window *window, Error *err)
{
	const cJSON *config = json_at(context->input, "config");
	double duration = json_number(analysis, "duration", 0);

	*window = (Window){0, duration, (int) json_number(analysis, "audio_track", -1)};
	if (duration <= 0)
		return error_set(err, ERROR_INPUT, "no_duration", NULL,
						 "the recording has no duration");
	if (!json_bool(config, "trimming.enable_trimming", true) ||
		strcmp(json_text(analysis, "speech.verdict", ""), "speech") != 0)
		return true;
	window->start = json_number(analysis, "keep.start", 0);
	window->end = json_number(analysis, "keep.end", duration);
	return !settings_differ(config) || tune_window(context, duration, window, err);
}

static bool
cut(TaskContext *context, const Window *window, int output, cJSON **answer, Error *err)
{
	CLEANUP(close) int input = -1;
	char keep[64];
	char sound[16];
	const char *const argv[] = {
		"cut", "--input", "3",  "--output",
		"4",   "--keep",  keep, window->sound < 0 ? NULL : "--audio-track",
		sound, NULL};

	if (!artifact_open(context, "source", &input, err))
		return false;
	ProcessFd fds[2];

	fds[0] = (ProcessFd){input, 3};
	fds[1] = (ProcessFd){output, 4};
	snprintf(keep, sizeof keep, "%.3f-%.3f", window->start, window->end);
	snprintf(sound, sizeof sound, "%d", window->sound);
	return process_media(context->media_program, argv, fds, 2, context->reporter, 0.1,
						 0.95, "cutting", answer, err);
}

/* Writes the output under a name for the container that is expected; *right tells whether
 * leap-media chose that one, else *container is what it chose. */
static bool
write_video(TaskContext *context, const Window *window, bool has_video, size_t *container,
			bool *right, Error *err)
{
	CLEANUP(artifact) Artifact video = ARTIFACT_NONE;
	CLEANUP(json) cJSON *answer = NULL;
	size_t expected = *container;
	const char *type =
		has_video ? containers[expected].video_type : containers[expected].audio_type;
	cJSON *metadata;

	if (!artifact_create(context, "video", containers[expected].extension, &video, err) ||
		!cut(context, window, video.fd, &answer, err))
		return false;
	*container = find_container(json_text(answer, "container", "mp4"));
	*right = *container == expected;
	if (!*right)
		return true; /* this file goes with its Artifact */
	metadata = cJSON_CreateObject();
	for (const char *const *key =
			 (const char *const[]){"container", "duration", "start", "end", "mode", NULL};
		 *key != NULL; key++)
		cJSON_AddItemToObject(metadata, *key,
							  cJSON_Duplicate(json_at(answer, *key), true));
	task_fact(context, "final_duration",
			  cJSON_CreateNumber(json_number(answer, "duration", 0)));
	return task_progress(context, 0.97, "storing", err)
			   ? artifact_finish(&video, type, metadata, err)
			   : (cJSON_Delete(metadata), false);
}

bool
task_trim(TaskContext *context, Error *err)
{
	CLEANUP(json) cJSON *analysis = NULL;
	Window window;
	size_t container;
	bool right = false;
	bool has_video;

	if (!artifact_read_json(context, "analysis", &analysis, err) ||
		!choose_window(context, analysis, &window, err))
		return false;
	has_video = cJSON_IsObject(json_at(analysis, "video"));
	container = find_container(json_text(analysis, "container", "mp4"));
	for (int tries = 0; tries < 2 && !right; tries++)
		if (!write_video(context, &window, has_video, &container, &right, err))
			return false;
	return right || error_set(err, ERROR_PERMANENT, "container", NULL,
							  "leap-media cannot decide on a container");
}
