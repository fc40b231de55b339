/*
 * task/trim.c
 *	  Cuts away what a lesson does not need: the silence at both ends, and, if it is wanted,
 *	  the middles of long pauses.
 *
 * The analysis made while downloading holds the window to keep for the standard settings;
 * for others, and for pauses, it is computed anew from the stored loudness envelope, which
 * decodes nothing. A recording that is to stay whole is written anew all the same: players
 * get one container with its index in front. What was really cut, and where each part is
 * in the result, is kept with the video: every later time goes by it.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "task/artifact.h"
#include "task/cutting.h"
#include "task/task.h"

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

static size_t
find_container(const char *name)
{
	for (size_t i = 0; i < sizeof containers / sizeof containers[0]; i++)
		if (strcmp(containers[i].container, name) == 0)
			return i;
	return 0;
}

/* What people see of the video; "still" only where there is a drawn picture. */
static cJSON *
describe(const cJSON *answer, const Cutting *cutting)
{
	cJSON *metadata = cJSON_CreateObject();

	for (const char *const *key =
			 (const char *const[]){"container", "duration", "mode", "fallback", "cuts",
								   "start", "end", NULL};
		 *key != NULL; key++)
		if (json_at(answer, *key) != NULL)
			json_put(metadata, *key, cJSON_Duplicate(json_at(answer, *key), true));
	if (cutting->still)
		cJSON_AddTrueToObject(metadata, "still");
	return metadata;
}

static double
rounded(double value, double steps)
{
	return round(value * steps) / steps;
}

/* States what was done; "fallback" and "flag" only where people should hear of it. */
static void
state_facts(TaskContext *context, const Cutting *cutting, const cJSON *answer)
{
	double duration = json_number(answer, "duration", 0);
	double removed = fmax(cutting->duration - duration, 0);
	double off = spans_cut_off_share(json_number(answer, "start", 0),
									 json_number(answer, "end", cutting->duration),
									 cutting->duration);
	const char *fallback = json_text(answer, "fallback", NULL);
	cJSON *cut = cJSON_CreateObject();

	cJSON_AddStringToObject(cut, "mode", json_text(answer, "mode", "copy"));
	if (fallback != NULL)
		cJSON_AddStringToObject(cut, "fallback", fallback);
	cJSON_AddNumberToObject(cut, "spans", cJSON_GetArraySize(json_at(answer, "cuts")));
	cJSON_AddNumberToObject(cut, "removed_seconds", rounded(removed, 1000));
	cJSON_AddNumberToObject(cut, "removed_share",
							rounded(removed / cutting->duration, 10000));
	cJSON_AddNumberToObject(cut, "cut_off_share", rounded(off, 10000));
	cJSON_AddBoolToObject(cut, "still", cutting->still);
	if (off > cutting->most_removed)
		cJSON_AddStringToObject(cut, "flag", "large_trim");
	task_fact(context, "cut", cut);
	task_fact(context, "final_duration", cJSON_CreateNumber(duration));
}

/* Writes the output under a name for the container that is expected; *right tells whether
 * leap-media chose that one, else *container is what it chose. */
static bool
write_video(TaskContext *context, const Cutting *cutting, size_t *container, bool *right,
			Error *err)
{
	CLEANUP(artifact) Artifact video = ARTIFACT_NONE;
	CLEANUP(json) cJSON *answer = NULL;
	size_t expected = *container;
	const char *type = cutting->has_video || cutting->still
						   ? containers[expected].video_type
						   : containers[expected].audio_type;

	if (!artifact_create(context, "video", containers[expected].extension, &video, err) ||
		!cutting_run(context, cutting, video.fd, &answer, err))
		return false;
	*container = find_container(json_text(answer, "container", "mp4"));
	*right = *container == expected;
	if (!*right)
		return true; /* this file goes with its Artifact */
	state_facts(context, cutting, answer);
	return task_progress(context, 0.97, "storing", err) &&
		   artifact_finish(&video, type, describe(answer, cutting), err);
}

/* The container that leap-media will choose, most likely; if it does not, it cuts again. An
 * analysis made by an older release does not tell. */
static size_t
expect_container(const cJSON *analysis, const Cutting *cutting)
{
	const char *source = json_text(analysis, "container", "mp4");

	return cutting->still || strcmp(cutting->mode, "reencode") == 0
			   ? 0
			   : find_container(json_text(analysis, "cut_container", source));
}

bool
task_trim(TaskContext *context, Error *err)
{
	CLEANUP(json) cJSON *analysis = NULL;
	CLEANUP(cutting) Cutting cutting = {.spans = NULL};
	size_t container;
	bool right = false;

	if (!artifact_read_json(context, "analysis", &analysis, err) ||
		!cutting_plan(context, analysis, &cutting, err))
		return false;
	container = expect_container(analysis, &cutting);
	for (int tries = 0; tries < 2 && !right; tries++)
		if (!write_video(context, &cutting, &container, &right, err))
			return false;
	return right || error_set(err, ERROR_PERMANENT, "container", HINT_BUG,
							  "leap-media cannot decide on a container");
}
