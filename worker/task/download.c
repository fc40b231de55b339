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
#include "storage/copy.h"
#include "storage/import.h"
#include "task/beside.h"
#include "task/download.h"

static bool
tell_copied(void *arg, int64_t done)
{
	const Download *download = arg;
	double share = (double) done / (double) download->bytes;

	return task_progress(download->context, share * COPIED_AT, "copying", NULL);
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
		!download_room(download->context, path, before.st_size, err) ||
		!artifact_create(download->context, "source", download_extension(path),
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
	{"file",   bring_file   },
	{"url",    download_link},
	{"site",   download_site},
	{"upload", bring_upload },
};

static bool
bring(Download *download, Error *err)
{
	const cJSON *source = json_at(download->context->input, "recording.source");
	const Source *origin;
	const char *type;

	if (!json_need_text(source, "type", "the source", &type, err))
		return false;
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
		if (strcmp(sources[i].type, type) == 0)
			return sources[i].bring(download, source, err);
	origin = source_of_kind(type);
	if (origin != NULL && origin->resolve != NULL)
		return download_link(download, source, err);
	return error_set(err, ERROR_PERMANENT, "unknown_source",
					 "Update the program leap on the machine of this worker.",
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
	if (download->fetch.url != NULL && !download_save(download, &download->state))
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

		if (!download_rest(download, good_bytes, &more, err) ||
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
	if (done)
		task_transfer(context, &download.throughput);
	cleanup_examination(&download.examination);
	if (!done && (download.kept || (download.resumable && err->class != ERROR_INPUT &&
									err->class != ERROR_PERMANENT)))
		leave(&source);
	return done;
}
