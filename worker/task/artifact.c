/*
 * task/artifact.c
 *	  Files a task reads and makes.
 */
#include "task/artifact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "storage/storage.h"

/* A JSON artifact is a transcript or an analysis: larger ones are not ours. */
#define MAX_JSON ((int64_t) 64 * 1024 * 1024)

bool
artifact_uri(const TaskContext *context, const char *kind, const char *extension,
			 char uri[ARTIFACT_URI_SIZE], Error *err)
{
	const char *recording;
	char unique[17];
	long long lane = json_int64(context->input, "recording.lane", 0);
	int length;

	if (!json_need_text(context->input, "recording.id", "the task's input", &recording,
						err))
		return false;
	path_random_hex(unique, 16);
	length = snprintf(uri, ARTIFACT_URI_SIZE, "users/%06lld/%s/%s-%s.%s", lane, recording,
					  kind, unique, extension);
	/* of a kind with a language, "vtt:ru": not every file system takes it */
	for (char *at = uri; length > 0 && (at = strchr(at, ':')) != NULL;)
		*at = '-';
	if (length < 0 || length >= ARTIFACT_URI_SIZE || !storage_uri_is_valid(uri))
		return error_set(err, ERROR_PERMANENT, "bad_message", HINT_BUG,
						 "no storage name can be made for %s.%s of recording \"%.60s\"",
						 kind, extension, recording);
	return true;
}

/* Once a task: nothing is made in the storage of another database. */
static bool
claim_storage(TaskContext *context, Error *err)
{
	if (context->claimed || context->database == NULL || context->database[0] == '\0')
		return true;
	context->claimed = storage_claim(context->storage, context->database, err);
	return context->claimed;
}

bool
artifact_create(TaskContext *context, const char *kind, const char *extension,
				Artifact *artifact, Error *err)
{
	const Reporter *reporter = context->reporter;

	*artifact = (Artifact) ARTIFACT_NONE;
	if (!artifact_uri(context, kind, extension, artifact->uri, err))
		return false;
	reporter->made(reporter->arg, "storage", artifact->uri);
	if (!claim_storage(context, err) ||
		!storage_create(context->storage, artifact->uri, &artifact->fd, err))
		return false;
	artifact->context = context;
	artifact->kind = kind;
	return true;
}

bool
artifact_adopt(TaskContext *context, const char *kind, Artifact *artifact, Error *err)
{
	const char *uri = json_text(artifact_entry(context, kind), "uri", "");

	*artifact = (Artifact) ARTIFACT_NONE;
	if (!artifact_open(context, kind, &artifact->fd, err))
		return false;
	(void) snprintf(artifact->uri, sizeof artifact->uri, "%s", uri);
	artifact->context = context;
	artifact->kind = kind;
	return true;
}

void
artifact_add(TaskContext *context, const char *kind, const char *uri, int64_t bytes,
			 const char *sha256, const char *media_type, cJSON *metadata)
{
	cJSON *entry = cJSON_CreateObject();

	cJSON_AddStringToObject(entry, "kind", kind);
	cJSON_AddStringToObject(entry, "uri", uri);
	json_add_int64(entry, "bytes", bytes);
	cJSON_AddStringToObject(entry, "sha256", sha256);
	cJSON_AddStringToObject(entry, "media_type", media_type);
	cJSON_AddItemToObject(entry, "metadata",
						  metadata != NULL ? metadata : cJSON_CreateObject());
	cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(context->result, "artifacts"),
						 entry);
}

bool
artifact_empty(const Artifact *artifact, Error *err)
{
	return (ftruncate(artifact->fd, 0) == 0 && lseek(artifact->fd, 0, SEEK_SET) == 0) ||
		   error_errno(err, "storage_failed", "cannot empty \"%.300s\"", artifact->uri);
}

bool
artifact_finish(Artifact *artifact, const char *media_type, cJSON *metadata, Error *err)
{
	CLEANUP(json) cJSON *described = metadata;
	TaskContext *context = artifact->context;
	int64_t bytes = 0;

	if ((artifact->sha256[0] == '\0' &&
		 !hash_file(artifact->fd, artifact->sha256, NULL, err)) ||
		!storage_commit(context->storage, artifact->uri, artifact->fd, &bytes, err))
		return false;
	artifact_add(context, artifact->kind, artifact->uri, bytes, artifact->sha256,
				 media_type, described);
	described = NULL;
	artifact->context = NULL;
	cleanup_close(&artifact->fd);
	artifact->fd = -1;
	return true;
}

static bool
write_all(int fd, const char *bytes, size_t length, Error *err)
{
	while (length > 0)
	{
		ssize_t written = write(fd, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return error_errno(err, "write_failed", "cannot write a file");
		bytes += written;
		length -= (size_t) written;
	}
	return true;
}

bool
artifact_write(TaskContext *context, const char *kind, const char *extension,
			   const char *media_type, cJSON *metadata, const void *bytes, size_t length,
			   Error *err)
{
	CLEANUP(artifact) Artifact artifact = ARTIFACT_NONE;
	CLEANUP(json) cJSON *described = metadata;

	if (!artifact_create(context, kind, extension, &artifact, err) ||
		!write_all(artifact.fd, bytes, length, err))
		return false;
	metadata = described;
	described = NULL;
	return artifact_finish(&artifact, media_type, metadata, err);
}

void
cleanup_artifact(Artifact *artifact)
{
	Error err;

	cleanup_close(&artifact->fd);
	artifact->fd = -1;
	if (artifact->context != NULL &&
		!storage_remove(artifact->context->storage, artifact->uri, &err))
		log_warning("%s stays until the sweep: %s", artifact->uri, err.message);
	artifact->context = NULL;
}

const cJSON *
artifact_entry(const TaskContext *context, const char *kind)
{
	const cJSON *all = json_at(context->input, "artifacts");

	return cJSON_GetObjectItemCaseSensitive(all, kind);
}

static bool
open_entry(const TaskContext *context, const cJSON *entry, const char *kind, int *fd,
		   Error *err)
{
	const char *uri = json_text(entry, "uri", NULL);
	int64_t known = json_int64(entry, "bytes", -1);
	int64_t bytes;

	*fd = -1;
	if (uri == NULL)
		return error_set(err, ERROR_PERMANENT, "artifact_missing",
						 "Run the earlier stages of this recording again.",
						 "the recording has no %s", kind);
	if (!storage_open(context->storage, uri, fd, &bytes, err))
		return false;
	if (bytes == known)
		return true;
	(void) close(*fd);
	*fd = -1;
	return error_set(err, ERROR_PERMANENT, "artifact_changed",
					 "Someone changed the storage; run the earlier stages again.",
					 "%s has %lld bytes instead of %lld", uri, (long long) bytes,
					 (long long) known);
}

bool
artifact_open(const TaskContext *context, const char *kind, int *fd, Error *err)
{
	return open_entry(context, artifact_entry(context, kind), kind, fd, err);
}

bool
artifact_read_entry(const TaskContext *context, const cJSON *entry, const char *kind,
					cJSON **json, Error *err)
{
	CLEANUP(close) int fd = -1;
	CLEANUP(free) char *text = NULL;
	int64_t bytes = json_int64(entry, "bytes", 0);
	int64_t have = 0;

	*json = NULL;
	if (!open_entry(context, entry, kind, &fd, err))
		return false;
	if (bytes > MAX_JSON || (text = malloc((size_t) bytes + 1)) == NULL)
		return error_set(err, ERROR_PERMANENT, "artifact_too_large", HINT_BUG,
						 "artifact %s of %lld bytes is larger than %lld", kind,
						 (long long) bytes, (long long) MAX_JSON);
	while (have < bytes)
	{
		ssize_t length = read(fd, text + have, (size_t) (bytes - have));

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return error_errno(err, "read_failed", "cannot read artifact %s", kind);
		have += length;
	}
	return json_parse(text, (size_t) bytes, kind, json, err);
}

bool
artifact_read_json(const TaskContext *context, const char *kind, cJSON **json, Error *err)
{
	return artifact_read_entry(context, artifact_entry(context, kind), kind, json, err);
}
