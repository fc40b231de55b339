/*
 * task/download.c
 *	  Brings a recording into the storage.
 *
 * Two hands that do not trust each other: this process reaches the network and parses
 * nothing; leap-media parses and sees nothing but the descriptors of these files. A URL
 * that broke off is continued by the next attempt from its checkpoint, into a file of its
 * own: an older attempt that is not quite dead can write only where nobody looks.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "net/fetch.h"
#include "net/url.h"
#include "storage/copy.h"
#include "storage/import.h"
#include "storage/storage.h"
#include "task/artifact.h"
#include "task/beside.h"
#include "task/examine.h"
#include "task/task.h"

/* Of the progress: where looking at the source begins. What is fetched is looked at
 * meanwhile; what is here already costs no more than copying it. */
#define COPIED_AT  0.6
#define FETCHED_AT 0.9

#define SOURCE_MOST_BYTES ((int64_t) 64 << 30)
#define SPACE_TO_LEAVE    ((int64_t) 512 << 20)

typedef struct Download
{
	TaskContext *context;
	Artifact *source;
	Examination examination;
	Fetch fetch; /* of a URL */
	FetchState state;
	bool kept;      /* the file is not this task's: it stays, whatever becomes of this */
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

	return task_progress(download->context, share * COPIED_AT, "copying", NULL);
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
refuse_empty(const char *what, Error *err)
{
	return error_set(err, ERROR_INPUT, "empty",
					 "Download or copy the recording again from where it was made.",
					 "\"%.300s\" has no bytes", what);
}

static bool
check_file_size(const TaskContext *context, const char *path, int64_t bytes, Error *err)
{
	int64_t room;

	if (bytes == 0)
		return refuse_empty(path, err);
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
		!check_file_size(download->context, path, before.st_size, err) ||
		!artifact_create(download->context, "source", known_extension(path),
						 download->source, err) ||
		!examination_begin(&download->examination, download->context, download->source,
						   COPIED_AT, err))
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
	captions_beside(download->context, path);
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

static void
remove_left(const Download *download, const char *uri)
{
	Error err;

	if (!storage_remove(download->context->storage, uri, &err))
		log_warning("%s stays until the sweep: %s", uri, err.message);
}

/* The state of the checkpoint, or a new one; what the attempt before left is removed. */
static FetchState
resume(const Download *download, const char *url)
{
	const cJSON *checkpoint = json_at(download->context->input, "checkpoint");
	const char *uri = json_text(checkpoint, "uri", NULL);
	FetchState state = FETCH_STATE_NEW;
	int64_t offset = json_int64(checkpoint, "offset", 0);
	const cJSON *output;

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
	remove_left(download, uri);
	cJSON_ArrayForEach(output, json_at(checkpoint, "outputs")) if (cJSON_IsString(output))
		remove_left(download, output->valuestring);
	return state;
}

static bool
save_state(void *arg, const FetchState *state)
{
	Download *download = arg;
	const TaskContext *context = download->context;
	CLEANUP(json) cJSON *checkpoint = cJSON_CreateObject();
	cJSON *outputs = cJSON_AddArrayToObject(checkpoint, "outputs");

	for (int i = 0; i < EXAMINE_OUTPUTS; i++)
		cJSON_AddItemToArray(outputs,
							 cJSON_CreateString(download->examination.outputs[i].uri));
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

/* Fetches what is missing; the whole file's hash is then known. */
static bool
fetch(Download *download, Error *err)
{
	TaskContext *context = download->context;
	char shown[300];

	if (!room_left(context, &download->fetch.free_bytes, err))
		return false;
	download->fetch.free_bytes += download->state.offset;
	if (!fetch_file(&download->fetch, &download->state, download->source->sha256, err))
		return false;
	if (download->state.offset == 0)
	{
		url_redact(download->fetch.url, shown, sizeof shown);
		return refuse_empty(shown, err);
	}
	return true;
}

static bool
bring_url(Download *download, const cJSON *source, Error *err)
{
	TaskContext *context = download->context;

	download->fetch = (Fetch){.most_bytes = SOURCE_MOST_BYTES,
							  .allow_private_addresses = context->allow_private_addresses,
							  .reporter = context->reporter,
							  .to = FETCHED_AT,
							  .reader = &download->examination.reader,
							  .save = save_state,
							  .arg = download};
	if (!json_need_text(source, "url", "the source", &download->fetch.url, err) ||
		!artifact_create(context, "source", known_extension(download->fetch.url),
						 download->source, err) ||
		!examination_begin(&download->examination, context, download->source, FETCHED_AT,
						   err))
		return false;
	download->fetch.fd = download->source->fd;
	download->state = resume(download, download->fetch.url);
	return fetch(download, err);
}

/* A file that ends too early may have been cut off on its way: goes on where it can be
 * trusted. *more: it is another file now. */
static bool
bring_rest(Download *download, int64_t good_bytes, bool *more, Error *err)
{
	char before[HASH_HEX_SIZE];

	*more = false;
	if (download->fetch.url == NULL)
		return true;
	log_info("download: the file ends too early, asking for more from byte %lld on",
			 (long long) good_bytes);
	memcpy(before, download->source->sha256, sizeof before);
	download->fetch.from = FETCHED_AT;
	download->fetch.reader = NULL;
	if (good_bytes < download->state.offset)
		download->state.offset = good_bytes;
	download->state.total = -1;
	if (!fetch(download, err))
		return false;
	*more = strcmp(before, download->source->sha256) != 0;
	return !*more || examination_again(&download->examination, err);
}

/* What was uploaded is in the storage already: the file is taken as it is when it is what
 * arrived. */
static bool
bring_upload(Download *download, const cJSON *source, Error *err)
{
	TaskContext *context = download->context;
	Artifact *file = download->source;
	const char *known;

	download->kept = true;
	if (!json_need_text(source, "sha256", "the source", &known, err) ||
		!artifact_adopt(context, "source", file, err) ||
		!examination_begin(&download->examination, context, file, COPIED_AT, err) ||
		!hash_file(file->fd, file->sha256, NULL, err))
		return false;
	return strcmp(file->sha256, known) == 0 ||
		   error_set(err, ERROR_PERMANENT, "upload_changed",
					 "Restore the file from a backup, or upload it again.",
					 "%s is not what was uploaded", file->uri);
}

static const struct
{
	const char *type;
	bool (*bring)(Download *download, const cJSON *source, Error *err);
} sources[] = {
	{"file",   bring_file  },
	{"url",    bring_url   },
	{"upload", bring_upload},
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

/* Leaves the file for the next attempt, which finds it by its checkpoint. */
static void
leave(Artifact *source)
{
	cleanup_close(&source->fd);
	*source = (Artifact) ARTIFACT_NONE;
}

/* Has what is complete looked at. */
static bool
look(Download *download, Error *err)
{
	if (!examination_complete(&download->examination, err))
		return false;
	/* an analysis that dies must not cost the download */
	if (download->fetch.url != NULL && fdatasync(download->source->fd) < 0)
		return error_errno(err, "storage_failed", "cannot store the file");
	if (download->fetch.url != NULL && !save_state(download, &download->state))
		return error_set(err, ERROR_LOST, "cancelled", NULL, "stopped on request");
	return examination_wait(&download->examination, err);
}

/* Has it looked at, once more when a download that ended too early brought more. */
static bool
examine(Download *download, Error *err)
{
	Examination *examination = &download->examination;
	char remark[80] = "";
	int64_t good_bytes;
	bool more;

	if (!look(download, err))
		return false;
	if (examination_is_truncated(examination, &good_bytes))
	{
		int64_t size = download->state.offset;

		if (!bring_rest(download, good_bytes, &more, err) ||
			(more && !look(download, err)))
			return false;
		if (!more && download->fetch.url != NULL)
			snprintf(remark, sizeof remark, " (the source itself ends at byte %lld)",
					 (long long) size);
	}
	return examination_keep(examination, remark, err);
}

bool
task_download(TaskContext *context, Error *err)
{
	CLEANUP(artifact) Artifact source = ARTIFACT_NONE;
	Download download = {.context = context, .source = &source};
	bool done;

	examination_init(&download.examination);
	done = bring(&download, err) && examine(&download, err);
	cleanup_examination(&download.examination);
	if (!done && (download.kept || (download.resumable && err->class != ERROR_INPUT &&
									err->class != ERROR_PERMANENT)))
		leave(&source);
	return done;
}
