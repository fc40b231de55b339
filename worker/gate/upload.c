/*
 * gate/upload.c
 *	  A lecture that comes in as the body of a request.
 *
 * The database is asked before a byte is read: may he, is there room, where shall it be
 * written. Then the body flows through two pieces of memory to the disk, whose threads write,
 * digest and sync; the client is kept waiting when they are behind. What was reserved grows
 * with what arrives. When the file is whole and synced the database makes the recording. What
 * ends otherwise is removed at once, and, should this process die, when the upload expires.
 * When it is not known whether the recording was made, the file stays: it is the
 * recording's, or it expires.
 */
#include "gate/upload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "gate/idempotency.h"
#include "gate/upload_parts.h"

#define FORM_MORE      ((int64_t) 1 << 20) /* what a form has beside its file */
#define SPACE_TO_LEAVE ((int64_t) 512 << 20)
#define TELL_SECONDS   60.0

#define BEGIN \
	"SELECT b.id, b.uri, b.reserved FROM leap.begin_upload($1, $2::bigint, $3::jsonb) b"
#define CONTINUE "SELECT leap.continue_upload($1::uuid, $2::bigint, $3::bigint)"

static void pump(Upload *upload);

static bool
is_form(const Exchange *exchange)
{
	const Slice *type = head_field(&exchange->head, "content-type");

	return type != NULL && multipart_is(*type);
}

/* Those that arrived are listed by the view of that name. */
bool
upload_is(const Exchange *exchange)
{
	bool reads =
		slice_is(exchange->head.method, "GET") || slice_is(exchange->head.method, "HEAD");

	return (slice_is(exchange->path, "/uploads") && !reads) ||
		   slice_is(exchange->path, "/api/v1/uploads") ||
		   ((slice_is(exchange->path, "/api/v1/recordings") ||
			 slice_is(exchange->path, "/recordings")) &&
			slice_is(exchange->head.method, "POST") && is_form(exchange));
}

/* Nobody waits for it any more. */
static void
abandon(Upload *upload)
{
	Request *request = upload->request;

	if (request->job != NULL)
		db_pool_drop(request->job);
	request->job = NULL;
	request->upload = NULL;
	upload->request = NULL;
	if (upload->finishing || upload->uri == NULL)
		upload_free(upload);
	else if (!upload->disk_busy)
		upload->unwanted(upload);
}

void
upload_leave(Upload *upload)
{
	abandon(upload);
}

static void
refuse(Upload *upload, int status, const char *code, const char *message)
{
	request_refuse(upload->request, status, code, message, NULL, NULL);
	abandon(upload);
}

void
upload_disk_failed(Upload *upload)
{
	log_error("an upload fails: %s", upload->error.message);
	if (upload->full)
		refuse(upload, 507, "53100", "the storage is full");
	else
		refuse(upload, 500, "58030", "the upload cannot be stored");
}

bool
upload_has_space(Request *request, int64_t wanted)
{
	StorageSpace space;
	Error err;

	if (!storage_space(&request->gate->storage, &space, &err) ||
		space.free_bytes - SPACE_TO_LEAVE >= wanted)
		return true;
	request_refuse(request, 507, "53100", "the storage is full", NULL, NULL);
	return false;
}

static void
take_continued(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	Upload *upload = request->upload;

	request->job = NULL;
	upload->database_busy = false;
	if (outcome->end != POOL_DONE)
	{
		upload_refuse_outcome(request, outcome);
		abandon(upload);
		return;
	}
	upload->reserved =
		strtoll(rows_text(outcome->rows[request->main_index], 0, 0), NULL, 10);
	upload->told_at = clock_seconds();
	pump(upload);
}

/* Says that it goes on, and asks for more room when it needs some. */
static void
go_on(Upload *upload)
{
	if (!upload_has_space(upload->request, (int64_t) UPLOAD_PIECE))
	{
		abandon(upload);
		return;
	}
	upload->database_busy = true;
	(void) snprintf(upload->received_text, sizeof upload->received_text, "%lld",
					(long long) upload->written);
	(void) snprintf(upload->wanted_text, sizeof upload->wanted_text, "%lld",
					(long long) upload->received);
	upload->values[0] = upload->id;
	upload->values[1] = upload->received_text;
	upload->values[2] = upload->wanted_text;
	upload_ask(upload->request, CONTINUE, upload->values, 3, take_continued);
}

/* The next step, whatever has ended just now. */
static void
pump(Upload *upload)
{
	if (!upload->disk_busy && !upload->database_busy)
	{
		if (upload->received > upload->reserved ||
			clock_seconds() - upload->told_at > TELL_SECONDS)
			go_on(upload);
		else if (upload->piece.length >= UPLOAD_PIECE ||
				 (upload->whole && upload->piece.length > 0))
			upload_file_write(upload, pump);
		else if (upload->whole)
			upload->arrived(upload);
	}
	if (upload->request != NULL && upload->paused && upload->piece.length < UPLOAD_PIECE)
	{
		upload->paused = false;
		exchange_go_on(upload->request->exchange);
	}
}

bool
upload_receive(Upload *upload, const char *bytes, size_t length)
{
	upload->received += (int64_t) length;
	if (upload->received > upload->most)
	{
		request_refuse_hint(upload->request, 413, "LP030", "the upload is too large",
							"Send a smaller file; the administrator of the server sets "
							"how large one may be.",
							NULL);
		return false;
	}
	buffer_append(&upload->piece, bytes, length);
	return true;
}

static bool
take_part(Exchange *exchange, const char *bytes, size_t length)
{
	Request *request = exchange->data;
	Upload *upload = request->upload;
	bool taken = upload->form != NULL ? multipart_feed(upload->form, bytes, length)
									  : upload_receive(upload, bytes, length);

	if (!taken && upload->form != NULL && multipart_fault(upload->form) != NULL)
		request_refuse(request, 400, "LP030", "the form cannot be read",
					   multipart_fault(upload->form), NULL);
	if (!taken)
	{
		abandon(upload);
		return false;
	}
	pump(upload);
	if (upload->request == NULL)
		return false;
	upload->paused = upload->piece.length >= UPLOAD_PIECE;
	return !upload->paused;
}

void
upload_end_body(Upload *upload)
{
	upload->whole = true;
	pump(upload);
}

static void
body_is_there(Exchange *exchange)
{
	Request *request = exchange->data;
	Upload *upload = request->upload;

	if (upload->form != NULL && !multipart_whole(upload->form))
		refuse(upload, 400, "LP030", "the form ends before its last boundary");
	else if (upload->form != NULL && !upload->file_seen)
		refuse(upload, 422, "LP030", "the form has no file");
	else if (upload->received == 0)
		refuse(upload, 422, "LP030", "the upload has no bytes");
	else
		upload_end_body(upload);
}

void
upload_take_body(Upload *upload, int64_t most, void (*whole)(Exchange *exchange))
{
	exchange_receive(upload->request->exchange, most, take_part, whole);
}

/* The file is there: the bytes may come. */
static void
open_body(Upload *upload)
{
	upload_take_body(upload, upload->form != NULL ? UPLOAD_MOST + FORM_MORE : UPLOAD_MOST,
					 body_is_there);
}

static void
sync_file(DiskJob *job)
{
	Upload *upload = (Upload *) job;

	hash_finish(&upload->hash, upload->sha256);
	if (!storage_commit(&upload->gate->storage, upload->uri, upload->fd, NULL,
						&upload->error))
		upload->full = upload->error.class == ERROR_TRANSIENT;
}

/* All of it is written. */
static void
store(Upload *upload)
{
	upload_file_give(upload, sync_file, upload_finish);
}

static void
take_begun(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	Upload *upload = request->upload;
	const DbRows *rows = upload_take_begun(request, outcome);

	if (rows == NULL)
		return;
	upload->reserved = strtoll(rows_text(rows, 0, 2), NULL, 10);
	upload_file_create(upload, open_body);
}

static bool
check(Request *request)
{
	const Head *head = &request->exchange->head;
	int64_t most = is_form(request->exchange) ? UPLOAD_MOST + FORM_MORE : UPLOAD_MOST;

	if (!slice_is(head->method, "POST"))
		request_refuse(request, 405, "PGRST117", "uploads are sent by POST", NULL,
					   "Allow: POST\r\n");
	else if (!upload_takes_type(request))
		return false;
	else if (request->gate->storage.kind == NULL)
		request_refuse(request, 503, "58030", "this server has no storage", NULL, NULL);
	else if (head->content_length > most)
		request_refuse_hint(request, 413, "LP030", "the upload is too large",
							"Send a smaller file; the administrator of the server sets "
							"how large one may be.",
							NULL);
	else if (head->content_length == 0 || (head->content_length < 0 && !head->chunked))
		request_refuse_hint(request, 422, "LP030", "the upload has no bytes",
							"Send the file as the body, or as a part of a form.", NULL);
	else
		return idempotency_read(request) &&
			   upload_has_space(request, head->content_length);
	return false;
}

Upload *
upload_new(Request *request)
{
	Upload *upload = array_new(1, sizeof *upload);

	upload->gate = request->gate;
	upload->request = request;
	upload->fd = -1;
	upload->most = UPLOAD_MOST;
	(void) snprintf(upload->database, sizeof upload->database, "%s",
					request->view != NULL ? request->view->database : "");
	upload->unwanted = upload_file_remove;
	upload->arrived = store;
	buffer_init(&upload->piece);
	buffer_init(&upload->writing);
	buffer_init(&upload->field);
	request->upload = upload;
	return upload;
}

void
upload_run(Request *request)
{
	int64_t bytes = request->exchange->head.content_length;
	Upload *upload;

	if (!check(request))
		return;
	upload = upload_new(request);
	if (!upload_open_form(upload))
		request_refuse(request, 400, "LP030", "the form names no boundary", NULL, NULL);
	else if (upload_read_query(request, &upload->name, &upload->options))
	{
		(void) snprintf(upload->wanted_text, sizeof upload->wanted_text, "%lld",
						(long long) bytes);
		upload->options_text = json_print(upload->options);
		upload->values[0] = upload->name;
		upload->values[1] = bytes > 0 ? upload->wanted_text : NULL;
		upload->values[2] = upload->options_text;
		request->plan.schema = request->gate->settings->rest.schemas[0];
		request_write_preamble(request, false);
		upload_ask(request, BEGIN, upload->values, 3, take_begun);
		return;
	}
	request->upload = NULL;
	upload_free(upload);
}
