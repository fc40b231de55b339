/*
 * task/download_link.c
 *	  What comes by a link: from the network, perhaps in several attempts.
 *
 * A link may be good for an hour only: it is asked for when the fetching begins, and no
 * checkpoint holds it. What the next attempt goes on with is known by what was fetched.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "net/url.h"
#include "storage/copy.h"
#include "storage/storage.h"
#include "task/download.h"
#include "task/source_query.h"

#define SOURCE_MOST_BYTES ((int64_t) 64 << 30)
#define SPACE_TO_LEAVE    ((int64_t) 512 << 20)

const char *
download_extension(const char *name)
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

bool
download_room(const TaskContext *context, const char *name, int64_t bytes, Error *err)
{
	int64_t room;

	if (bytes == 0)
		return refuse_empty(name, err);
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

bool
download_most(const TaskContext *context, int64_t *bytes, Error *err)
{
	if (!room_left(context, bytes, err))
		return false;
	/* it is written once by who fetches it, and once more into the storage */
	*bytes /= 2;
	if (*bytes > SOURCE_MOST_BYTES)
		*bytes = SOURCE_MOST_BYTES;
	return *bytes > 0 ||
		   error_set(err, ERROR_TRANSIENT, "storage_full", "Make room on the storage.",
					 "the storage has no room");
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

/* What is fetched: its URL; or where that changes, a hash that the same file always has,
 * whatever its account is now. */
static void
identify(Download *download, const cJSON *source)
{
	CLEANUP(hash) Hash hash = {NULL};
	char hex[HASH_HEX_SIZE];
	CLEANUP(json) cJSON *what = cJSON_Duplicate(source, true);
	CLEANUP(free) char *text = NULL;

	if (strcmp(json_text(source, "type", ""), "url") == 0)
	{
		snprintf(download->of, sizeof download->of, "%s", json_text(source, "url", ""));
		return;
	}
	cJSON_DeleteItemFromObject(what, "bytes");
	cJSON_DeleteItemFromObject(what, "credential_id");
	cJSON_DeleteItemFromObject(what, "source_id");
	text = json_print(what);
	hash_begin(&hash);
	hash_update(&hash, text, strlen(text));
	hash_finish(&hash, hex);
	snprintf(download->of, sizeof download->of, "%s", hex);
}

/* The state of the checkpoint, or a new one; what the attempt before left is removed. */
static FetchState
resume(const Download *download)
{
	const cJSON *checkpoint = json_at(download->context->input, "checkpoint");
	const char *uri = json_text(checkpoint, "uri", NULL);
	FetchState state = FETCH_STATE_NEW;
	int64_t offset = json_int64(checkpoint, "offset", 0);
	int64_t total = json_int64(checkpoint, "total", -1);
	bool same = strcmp(json_text(checkpoint, "url", ""), download->of) == 0 &&
				(download->plan.bytes < 0 || total < 0 || total == download->plan.bytes);
	const cJSON *output;

	if (uri == NULL)
		return state;
	if (same && offset > 0 && take_over(download, uri, offset))
	{
		state.offset = offset;
		state.total = total;
		snprintf(state.validator, sizeof state.validator, "%s",
				 json_text(checkpoint, "etag", ""));
	}
	remove_left(download, uri);
	cJSON_ArrayForEach(output, json_at(checkpoint, "outputs")) if (cJSON_IsString(output))
		remove_left(download, output->valuestring);
	return state;
}

bool
download_save(void *arg, const FetchState *state)
{
	Download *download = arg;
	const TaskContext *context = download->context;
	CLEANUP(json) cJSON *checkpoint = cJSON_CreateObject();
	cJSON *outputs = cJSON_AddArrayToObject(checkpoint, "outputs");

	for (int i = 0; i < EXAMINE_OUTPUTS; i++)
		cJSON_AddItemToArray(outputs,
							 cJSON_CreateString(download->examination.outputs[i].uri));
	cJSON_AddStringToObject(checkpoint, "uri", download->source->uri);
	cJSON_AddStringToObject(checkpoint, "url", download->of);
	cJSON_AddStringToObject(checkpoint, "etag", state->validator);
	json_add_int64(checkpoint, "offset", state->offset);
	json_add_int64(checkpoint, "total", state->total);
	download->resumable =
		context->reporter->checkpoint(context->reporter->arg, checkpoint);
	return download->resumable;
}

/* Where the file is now. */
static bool
plan_fetch(Download *download, Error *err)
{
	const cJSON *source = json_at(download->context->input, "recording.source");
	const Source *origin = source_of_kind(json_text(source, "type", ""));
	FetchPlan *plan = &download->plan;

	*plan = (FetchPlan) FETCH_PLAN_NEW;
	if (origin != NULL && origin->resolve != NULL)
	{
		SourceQuery query = task_source_query(download->context);

		if (!origin->resolve(&query, source, plan, err))
			return false;
		download->fetch.allow_private_addresses = query.allow_private_addresses;
	}
	else
	{
		const char *url;

		if (!json_need_text(source, "url", "the source", &url, err) ||
			!url_check(url, err))
			return false;
		snprintf(plan->url, sizeof plan->url, "%s", url);
	}
	download->fetch.url = plan->url;
	download->fetch.shown = plan->shown;
	download->fetch.etag = plan->etag;
	download->headers[0] = plan->header[0] != '\0' ? plan->header : NULL;
	download->fetch.headers = download->headers;
	return true;
}

/* Does the error say that the link has expired, as links with a signature do? Some lead to a
 * page that asks to sign in then; S3 says 400 when the session token in it has ended, and 412
 * when it leads to another object now. */
static bool
link_is_stale(const Error *err)
{
	return strcmp(err->code, "access_denied") == 0 ||
		   strcmp(err->code, "source_missing") == 0 ||
		   strcmp(err->code, "source_changed") == 0 ||
		   strcmp(err->code, "request_refused") == 0 ||
		   strcmp(err->code, "html_instead_of_media") == 0;
}

/* Nobody has a link of a platform to look at. */
static bool
hint_account(Error *err)
{
	if (err != NULL)
		snprintf(err->hint, sizeof err->hint, "%s",
				 "Look at the recording on the platform with the account of its source: "
				 "can it be downloaded there? Then retry.");
	return false;
}

/* Fetches what is missing. A link that is refused is asked for again, and once more only
 * when the one before brought something. */
static bool
fetch_by_link(Download *download, Error *err)
{
	int64_t renewed_at = -1;

	while (!fetch_file(&download->fetch, &download->state, download->source->sha256, err))
	{
		const cJSON *source = json_at(download->context->input, "recording.source");
		const Source *origin = source_of_kind(json_text(source, "type", ""));

		if (!link_is_stale(err))
			return false;
		if (renewed_at == download->state.offset || origin == NULL ||
			origin->resolve == NULL)
			return download->plan.shown != NULL && hint_account(err);
		log_info("download: asking for another link, %s", err->message);
		renewed_at = download->state.offset;
		if (!plan_fetch(download, err))
			return false;
	}
	return true;
}

static bool
mismatch(const char *what, const char *stated, const char *came, Error *err)
{
	return error_set(err, ERROR_INPUT, "checksum_mismatch",
					 "Download the recording from its source by hand and look whether it "
					 "is whole; then retry.",
					 "the source states %s %s, what came has %s", what, stated, came);
}

/* Is the file what its source says it is? */
static bool
compare(const Download *download, Error *err)
{
	const FetchPlan *plan = &download->plan;
	char md5[HASH_MD5_SIZE];

	if (plan->bytes >= 0 && download->state.offset != plan->bytes)
		return error_set(
			err, ERROR_INPUT, "size_mismatch",
			"Download the recording from its source by hand and look whether "
			"it is whole; then retry.",
			"the source states %lld bytes, what came has %lld", (long long) plan->bytes,
			(long long) download->state.offset);
	if (plan->sha256[0] != '\0')
		return strcasecmp(plan->sha256, download->source->sha256) == 0 ||
			   mismatch("SHA-256", plan->sha256, download->source->sha256, err);
	if (plan->md5[0] == '\0')
		return true;
	return hash_file_md5(download->source->fd, md5, err) &&
		   (strcasecmp(plan->md5, md5) == 0 || mismatch("MD5", plan->md5, md5, err));
}

/* What was put together from the bytes of several attempts may not fit together, if the
 * file was changed between them: then all of it is fetched once more. */
static bool
fetch_again(Download *download, Error *err)
{
	log_info("download: beginning anew, %s", err->message);
	download->state = (FetchState) FETCH_STATE_NEW;
	download->fetch.reader = NULL;
	return examination_again(&download->examination, err) &&
		   fetch_by_link(download, err) && compare(download, err);
}

/* Fetches what is missing; the whole file's hash is then known. */
static bool
fetch(Download *download, Error *err)
{
	TaskContext *context = download->context;
	const FetchPlan *plan = &download->plan;
	bool continued = download->state.offset > 0;
	char shown[300];

	if (!room_left(context, &download->fetch.free_bytes, err))
		return false;
	download->fetch.free_bytes += download->state.offset;
	if (!fetch_by_link(download, err))
		return false;
	if (download->state.offset == 0)
	{
		url_redact(download->fetch.url, shown, sizeof shown);
		return refuse_empty(plan->shown != NULL ? plan->shown : shown, err);
	}
	return compare(download, err) ||
		   (continued && err->class == ERROR_INPUT && fetch_again(download, err));
}

bool
download_link(Download *download, const cJSON *source, Error *err)
{
	TaskContext *context = download->context;
	const FetchPlan *plan = &download->plan;
	const char *name;

	download->fetch = (Fetch){.most_bytes = SOURCE_MOST_BYTES,
							  .allow_private_addresses = context->allow_private_addresses,
							  .reporter = context->reporter,
							  .to = FETCHED_AT,
							  .throughput = &download->throughput,
							  .reader = &download->examination.reader,
							  .save = download_save,
							  .arg = download};
	identify(download, source);
	if (!plan_fetch(download, err))
		return false;
	name = plan->file[0] != '\0' ? plan->file : plan->url;
	if ((plan->bytes >= 0 && !download_room(context, name, plan->bytes, err)) ||
		!artifact_create(context, "source", download_extension(name), download->source,
						 err) ||
		!examination_begin(&download->examination, context, download->source, FETCHED_AT,
						   err))
		return false;
	download->fetch.fd = download->source->fd;
	download->state = resume(download);
	return fetch(download, err);
}

bool
download_rest(Download *download, int64_t good_bytes, bool *more, Error *err)
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
