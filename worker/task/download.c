/*
 * task/download.c
 *	  Brings a recording into the storage and has it analysed.
 *
 * Two hands that do not trust each other: this process reaches the network and parses
 * nothing; leap-media parses and sees nothing but the descriptors of these files. A URL
 * that broke off is continued by the next attempt from its checkpoint, into a file of its
 * own: an older attempt that is not quite dead can write only where nobody looks.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/process.h"
#include "net/fetch.h"
#include "storage/copy.h"
#include "storage/storage.h"
#include "task/artifact.h"
#include "task/import.h"
#include "task/task.h"

#define SOURCE_MOST_BYTES ((int64_t) 64 << 30)
#define SPACE_TO_LEAVE    ((int64_t) 512 << 20)
#define FETCHED_SHARE     0.6 /* of the progress; the rest is analysis */

typedef struct Download
{
	TaskContext *context;
	Artifact *source;
	bool resumable; /* a checkpoint names the file: the next attempt can go on with it */
	int64_t bytes;  /* of a file source, for its progress */
} Download;

/* What the original is called by people: a suffix that is known, else "bin". */
static const char *
known_extension(const char *name)
{
	static const char *const known[] = {"mp4", "m4v", "mov", "webm", "mkv", "avi", "ts",
										"m4a", "mp3", "ogg", "opus", "wav", "flac"};
	const char *end = name + strcspn(name, "?#");

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
	{
		size_t length = strlen(known[i]);

		if ((size_t) (end - name) > length && end[-(ptrdiff_t) length - 1] == '.' &&
			strncasecmp(end - length, known[i], length) == 0)
			return known[i];
	}
	return "bin";
}

static bool
tell_copied(void *arg, int64_t done)
{
	const Download *download = arg;
	double share = (double) done / (double) download->bytes;

	return task_progress(download->context, share * FETCHED_SHARE, "copying", NULL);
}

/* What may be stored beside what must stay free. */
static bool
room_left(const TaskContext *context, int64_t *bytes, Error *err)
{
	StorageSpace space;

	if (!storage_space(context->storage, &space, err))
		return false;
	*bytes = space.free_bytes > SPACE_TO_LEAVE ? space.free_bytes - SPACE_TO_LEAVE : 0;
	return true;
}

static bool
check_file_size(const TaskContext *context, int64_t bytes, Error *err)
{
	int64_t room;

	if (bytes > SOURCE_MOST_BYTES)
		return error_set(err, ERROR_INPUT, "too_large", "Make the recording smaller.",
						 "the file has %lld bytes; the limit is %lld", (long long) bytes,
						 (long long) SOURCE_MOST_BYTES);
	if (!room_left(context, &room, err))
		return false;
	return bytes <= room ||
		   error_set(err, ERROR_TRANSIENT, "storage_full", "Make room on the storage.",
					 "the file has %lld bytes; the storage has room for "
					 "%lld",
					 (long long) bytes, (long long) room);
}

static bool
bring_file(Download *download, const cJSON *source, Error *err)
{
	CLEANUP(close) int from = -1;
	struct stat before;
	struct stat after;
	const char *path;

	if (!json_need_text(source, "path", "the source", &path, err) ||
		!import_open(json_at(download->context->input, "import_roots"), path, &from,
					 &before, err) ||
		!check_file_size(download->context, before.st_size, err) ||
		!artifact_create(download->context, "source", known_extension(path),
						 download->source, err))
		return false;
	download->bytes = before.st_size;
	if (!copy_file(from, download->source->fd, before.st_size, tell_copied, download,
				   err))
		return false;
	if (fstat(from, &after) < 0 || after.st_size != before.st_size ||
		after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
		after.st_mtim.tv_nsec != before.st_mtim.tv_nsec)
		return error_set(err, ERROR_TRANSIENT, "source_changed", NULL,
						 "\"%.300s\" was written to while it was copied", path);
	return true;
}

/* Copies what an earlier attempt fetched into this attempt's file. */
static bool
take_over(const Download *download, const char *uri, int64_t offset)
{
	CLEANUP(close) int from = -1;
	int64_t bytes = 0;
	Error err;

	if (!storage_open(download->context->storage, uri, &from, &bytes, &err) ||
		bytes < offset ||
		!copy_file(from, download->source->fd, offset, NULL, NULL, &err))
	{
		log_info("download: beginning anew, %s cannot be continued", uri);
		return false;
	}
	log_info("download: going on at byte %lld", (long long) offset);
	return true;
}

/* The state of the checkpoint, or a new one. */
static FetchState
resume(const Download *download, const char *url)
{
	const cJSON *checkpoint = json_at(download->context->input, "checkpoint");
	const char *uri = json_text(checkpoint, "uri", NULL);
	FetchState state = FETCH_STATE_NEW;
	int64_t offset = json_int64(checkpoint, "offset", 0);
	Error err;

	if (uri == NULL)
		return state;
	if (strcmp(json_text(checkpoint, "url", ""), url) == 0 && offset > 0 &&
		take_over(download, uri, offset))
	{
		state.offset = offset;
		state.total = json_int64(checkpoint, "total", -1);
		snprintf(state.validator, sizeof state.validator, "%s",
				 json_text(checkpoint, "etag", ""));
	}
	if (!storage_remove(download->context->storage, uri, &err))
		log_warning("%s stays until the sweep: %s", uri, err.message);
	return state;
}

static bool
save_state(void *arg, const FetchState *state)
{
	Download *download = arg;
	const TaskContext *context = download->context;
	CLEANUP(json) cJSON *checkpoint = cJSON_CreateObject();

	cJSON_AddStringToObject(checkpoint, "uri", download->source->uri);
	cJSON_AddStringToObject(checkpoint, "url",
							json_text(context->input, "recording.source.url", ""));
	cJSON_AddStringToObject(checkpoint, "etag", state->validator);
	json_add_int64(checkpoint, "offset", state->offset);
	json_add_int64(checkpoint, "total", state->total);
	download->resumable =
		context->reporter->checkpoint(context->reporter->arg, checkpoint);
	return download->resumable;
}

static bool
bring_url(Download *download, const cJSON *source, Error *err)
{
	TaskContext *context = download->context;
	Fetch fetch = {.most_bytes = SOURCE_MOST_BYTES,
				   .allow_private_addresses = context->allow_private_addresses,
				   .reporter = context->reporter,
				   .to = FETCHED_SHARE,
				   .save = save_state,
				   .arg = download};
	char content_type[FETCH_TYPE_SIZE];
	FetchState state;

	if (!json_need_text(source, "url", "the source", &fetch.url, err) ||
		!artifact_create(context, "source", known_extension(fetch.url), download->source,
						 err))
		return false;
	fetch.fd = download->source->fd;
	state = resume(download, fetch.url);
	if (!room_left(context, &fetch.free_bytes, err))
		return false;
	fetch.free_bytes += state.offset;
	/* an analysis that dies must not cost the download */
	return fetch_file(&fetch, &state, content_type, err) &&
		   (save_state(download, &state) ||
			error_set(err, ERROR_LOST, "cancelled", NULL, "stopped on request"));
}

static const struct
{
	const char *type;
	bool (*bring)(Download *download, const cJSON *source, Error *err);
} sources[] = {
	{"file", bring_file},
	{"url",  bring_url },
};

static bool
bring(Download *download, Error *err)
{
	const cJSON *source = json_at(download->context->input, "recording.source");
	const char *type;

	if (!json_need_text(source, "type", "the source", &type, err))
		return false;
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
		if (strcmp(sources[i].type, type) == 0)
			return sources[i].bring(download, source, err);
	return error_set(err, ERROR_PERMANENT, "unknown_source",
					 "Give a file below an import root, or a URL.",
					 "this worker cannot download from a source of type \"%.40s\"", type);
}

static bool
analyse(const TaskContext *context, const Artifact *source, const Artifact *envelope,
		const Artifact *audio, const Artifact *poster, cJSON **analysis, Error *err)
{
	static const char *const argv[] = {"analyse", "--input", "3", "--envelope",
									   "4",       "--audio", "5", "--poster",
									   "6",       NULL};
	const ProcessFd fds[] = {
		{source->fd,   3},
        {envelope->fd, 4},
        {audio->fd,    5},
        {poster->fd,   6}
    };

	return process_media(context->media_program, argv, fds, sizeof fds / sizeof fds[0],
						 context->reporter, FETCHED_SHARE, 0.98, "analysing", analysis,
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
			 Artifact *envelope, Artifact *audio, Artifact *poster, Error *err)
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

static bool
analyse_and_keep(TaskContext *context, Artifact *source, Error *err)
{
	CLEANUP(artifact) Artifact envelope = ARTIFACT_NONE;
	CLEANUP(artifact) Artifact audio = ARTIFACT_NONE;
	CLEANUP(artifact) Artifact poster = ARTIFACT_NONE;
	CLEANUP(json) cJSON *analysis = NULL;

	if (!artifact_create(context, "envelope", "lenv", &envelope, err) ||
		!artifact_create(context, "audio", "wav", &audio, err) ||
		!artifact_create(context, "poster", "jpg", &poster, err) ||
		!analyse(context, source, &envelope, &audio, &poster, &analysis, err) ||
		!judge(analysis, err) ||
		!keep_results(context, analysis, source, &envelope, &audio, &poster, err))
		return false;
	state_facts(context, analysis);
	return true;
}

/* Leaves the file for the next attempt, which finds it by its checkpoint. */
static void
leave(Artifact *source)
{
	cleanup_close(&source->fd);
	*source = (Artifact) ARTIFACT_NONE;
}

bool
task_download(TaskContext *context, Error *err)
{
	CLEANUP(artifact) Artifact source = ARTIFACT_NONE;
	Download download = {.context = context, .source = &source};

	if (bring(&download, err) && analyse_and_keep(context, &source, err))
		return true;
	if (download.resumable && err->class != ERROR_INPUT && err->class != ERROR_PERMANENT)
		leave(&source);
	return false;
}
