/*
 * gate/tus.c
 *	  Uploads that can be resumed, by the tus protocol, version 1.0: what there is, and the
 *	  creation of one.
 *
 * The body flows as that of any upload does (gate/upload.c). What is different: a file stays
 * when its request ends early, and another request, to this or another process, goes on where
 * it ends.
 */
#include "gate/tus.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "gate/tus_parts.h"

#define VERSION    "1.0.0"
#define SHORT_PATH "/uploads/tus"
#define SUPPORTED                                                                \
	"Tus-Version: " VERSION "\r\n"                                               \
	"Tus-Extension: creation,creation-with-upload,creation-defer-length,"        \
	"termination,expiration,checksum\r\nTus-Checksum-Algorithm: sha1,sha256\r\n" \
	"Tus-Max-Size: 68719476736\r\n"
#define EXPOSED                                                             \
	"Access-Control-Expose-Headers: Tus-Resumable, Tus-Version, "           \
	"Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Upload-Offset, "  \
	"Upload-Length, Upload-Defer-Length, Upload-Metadata, Upload-Expires, " \
	"Leap-Recording\r\n"

#define BEGIN                                                                     \
	"SELECT b.id, b.uri, b.expires_at FROM leap.begin_resumable($1, $2::bigint, " \
	"$3::jsonb, $4) b"
#define KEEP "SELECT leap.keep_upload($1::uuid, $2::bigint, $3::boolean)"

/* What stands behind the path of the protocol: "" or "/ID"; false: it is another path. */
static bool
find_rest(Slice path, Slice *rest)
{
	static const char *const prefixes[] = {TUS_PATH, SHORT_PATH};

	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
	{
		size_t length = strlen(prefixes[i]);

		if (path.length < length || memcmp(path.at, prefixes[i], length) != 0 ||
			(path.length > length && path.at[length] != '/'))
			continue;
		*rest = (Slice){path.at + length, path.length - length};
		return true;
	}
	return false;
}

bool
tus_is_path(Slice path)
{
	Slice rest;

	return find_rest(path, &rest);
}

void
tus_add_common(Request *request, Buffer *fields)
{
	buffer_puts(fields, "Tus-Resumable: " VERSION "\r\n");
	if (head_field(&request->exchange->head, "origin") != NULL)
		buffer_puts(fields, EXPOSED);
}

void
tus_reply(Request *request, int status, const char *fields)
{
	RestAnswer answer = {
		.status = status, .body = {"", 0}
    };

	buffer_init(&answer.fields);
	buffer_puts(&answer.fields, fields);
	request_reply(request, &answer);
	buffer_free(&answer.fields);
}

void
tus_refuse(Request *request, int status, const char *code, const char *message,
		   const char *hint)
{
	request_refuse_hint(request, status, code, message, hint, NULL);
	if (request->upload != NULL)
		upload_leave(request->upload);
}

Upload *
tus_new(Request *request)
{
	Upload *upload = upload_new(request);

	upload->tus = array_new(1, sizeof *upload->tus);
	*upload->tus = (Tus){.said = -1, .offset = -1, .expected = -1, .unproved = -1};
	return upload;
}

void
tus_free(Tus *tus)
{
	if (tus == NULL)
		return;
	cleanup_hash(&tus->check);
	free(tus->metadata);
	free(tus);
}

const char *
tus_progress(Request *request, const Upload *upload)
{
	return arena_printf(&request->arena, "Upload-Offset: %lld\r\nUpload-Expires: %s\r\n",
						(long long) upload->written, upload->tus->expires);
}

static const char *
location(Request *request, const Upload *upload)
{
	return upload->tus->creates ? arena_printf(&request->arena, "Location: %s/%s\r\n",
											   TUS_PATH, upload->id)
								: "";
}

static int
status_of(const Tus *tus)
{
	return tus->creates ? 201 : tus->looks ? 200 : 204;
}

void
tus_write_made(Request *request)
{
	const Upload *upload = request->upload;

	request->answer.status = status_of(upload->tus);
	request->answer.body = (Slice){"", 0};
	buffer_printf(&request->answer.fields,
				  "%sUpload-Offset: %lld\r\nUpload-Length: %lld\r\nLeap-Recording: %s\r\n"
				  "Cache-Control: no-store\r\n",
				  location(request, upload), (long long) upload->written,
				  (long long) upload->written, upload->id);
}

/* The database knows how far it is. */
static void
take_kept(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	Upload *upload = request->upload;

	request->job = NULL;
	if (outcome->end != POOL_DONE)
	{
		upload_refuse_outcome(request, outcome);
		upload_leave(upload);
		return;
	}
	(void) snprintf(upload->tus->expires, sizeof upload->tus->expires, "%s",
					rows_text(outcome->rows[request->main_index], 0, 0));
	if (upload->tus->mismatch)
	{
		request->exchange->reason = "Checksum Mismatch";
		tus_refuse(request, 460, "LP030", "the bytes are not those of the checksum",
				   "Send them again.");
		return;
	}
	tus_reply(request, status_of(upload->tus),
			  arena_printf(&request->arena, "%s%s", location(request, upload),
						   tus_progress(request, upload)));
	upload_leave(upload);
}

/* What came with this request is on the disk, or was taken back. */
static void
settled(Upload *upload)
{
	const Tus *tus = upload->tus;

	if (tus->mismatch)
		upload->written = tus->start;
	upload->received = upload->written;
	if (!tus->mismatch && tus->expected == upload->written)
	{
		tus_file_store(upload, upload_finish);
		return;
	}
	(void) snprintf(upload->received_text, sizeof upload->received_text, "%lld",
					(long long) upload->written);
	upload->values[0] = upload->id;
	upload->values[1] = upload->received_text;
	upload->values[2] = "false";
	upload_ask(upload->request, KEEP, upload->values, 3, take_kept);
}

static void
arrived(Upload *upload)
{
	tus_file_settle(upload, settled);
}

static void
body_is_there(Exchange *exchange)
{
	upload_end_body(((Request *) exchange->data)->upload);
}

void
tus_take_body(Upload *upload)
{
	Tus *tus = upload->tus;

	tus->start = upload->written;
	upload->arrived = arrived;
	upload->unwanted = tus_file_leave;
	if (tus->expected >= 0)
		upload->most = tus->expected;
	if (tus->start == 0)
		hash_begin(&upload->hash);
	if (tus->has_check && tus->wants_sha1)
		hash_begin_sha1(&tus->check);
	else if (tus->has_check)
		hash_begin(&tus->check);
	upload_take_body(upload, UPLOAD_MOST, body_is_there);
}

/* The first bytes may come with the creation. */
static void
created(Upload *upload)
{
	Request *request = upload->request;

	upload->unwanted = tus_file_leave;
	if (upload->tus->brings)
	{
		tus_take_body(upload);
		return;
	}
	tus_reply(request, 201,
			  arena_printf(&request->arena, "%s%s", location(request, upload),
						   tus_progress(request, upload)));
	upload_leave(upload);
}

static void
take_begun(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	Upload *upload = request->upload;
	const DbRows *rows = upload_take_begun(request, outcome);

	if (rows == NULL)
		return;
	(void) snprintf(upload->tus->expires, sizeof upload->tus->expires, "%s",
					rows_text(rows, 0, 2));
	/* what comes with the creation asks for its room at once */
	upload->reserved = upload->tus->expected > 0 ? upload->tus->expected : 0;
	tus_file_create(upload, created);
}

/* Upload-Length or Upload-Defer-Length, and a body that fits. False: it has been answered. */
static bool
check_creation(Request *request, Tus *tus)
{
	const Head *head = &request->exchange->head;
	const Slice *defer = head_field(head, "upload-defer-length");

	tus->creates = true;
	tus->brings = head->content_length > 0 || head->chunked;
	if (!tus_number(request, "upload-length", &tus->said) ||
		(defer != NULL) == (tus->said >= 0) || (defer != NULL && !slice_is(*defer, "1")))
		tus_refuse(
			request, 400, "LP030", "the length of the upload cannot be read",
			"Send Upload-Length with a number of bytes, or Upload-Defer-Length: 1.");
	else if (tus->said > UPLOAD_MOST)
		tus_refuse(request, 413, "LP030", "the upload is too large",
				   "Tus-Max-Size of OPTIONS says how large one may be.");
	else if (tus->brings && !tus_has_type(request))
		tus_refuse(request, 415, "LP030", "the body is not bytes of an upload",
				   "Its Content-Type is application/offset+octet-stream.");
	else if (tus->said >= 0 && head->content_length > tus->said)
		tus_refuse(request, 413, "LP030", "the body is larger than the upload",
				   "Upload-Length is all of it.");
	else
	{
		tus->expected = tus->said;
		return true;
	}
	return false;
}

static void
begin(Request *request)
{
	Upload *upload = tus_new(request);
	Tus *tus = upload->tus;

	if (!check_creation(request, tus))
		return;
	if (!tus_read_metadata(request, upload))
	{
		tus_refuse(request, 400, "LP030", "Upload-Metadata cannot be read",
				   "It is pairs of a key and, in base64, a value, with commas between; "
				   "config is JSON.");
		return;
	}
	if (!tus_read_checksum(request, upload))
		return;
	if (!upload_has_space(request, tus->expected))
	{
		upload_leave(upload);
		return;
	}
	(void) snprintf(upload->wanted_text, sizeof upload->wanted_text, "%lld",
					(long long) tus->expected);
	upload->options_text = json_print(upload->options);
	upload->values[0] = upload->name;
	upload->values[1] = tus->expected >= 0 ? upload->wanted_text : NULL;
	upload->values[2] = upload->options_text;
	upload->values[3] = tus->metadata;
	request_write_preamble(request, false);
	upload_ask(request, BEGIN, upload->values, 4, take_begun);
}

/* Clients that cannot send a method say it in a field. */
static Slice
method_of(const Request *request)
{
	const Head *head = &request->exchange->head;
	const Slice *said = head_field(head, "x-http-method-override");

	return said != NULL && slice_is(head->method, "POST") ? *said : head->method;
}

void
tus_run(Request *request)
{
	const Slice *version = head_field(&request->exchange->head, "tus-resumable");
	Slice method = method_of(request);
	Slice rest = {.length = 0};

	(void) find_rest(request->exchange->path, &rest);
	request->plan.schema = request->gate->settings->rest.schemas[0];
	if (slice_is(method, "OPTIONS"))
		tus_reply(request, 204, SUPPORTED);
	else if (version == NULL || !slice_is(*version, VERSION))
		request_refuse(request, 412, "LP030",
					   "the version of tus is not one of those here",
					   "Send Tus-Resumable: " VERSION ".", SUPPORTED);
	else if (request->gate->storage.kind == NULL)
		request_refuse(request, 503, "58030", "this server has no storage", NULL, NULL);
	else if (rest.length > 1)
		tus_go_on(request, arena_copy(&request->arena, rest.at + 1, rest.length - 1),
				  method);
	else if (slice_is(method, "POST"))
		begin(request);
	else
		request_refuse(request, 405, "PGRST117", "uploads begin by POST", NULL,
					   "Allow: POST, OPTIONS\r\n");
}
