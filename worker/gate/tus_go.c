/*
 * gate/tus_go.c
 *	  Going on with a resumable upload: PATCH brings bytes, HEAD asks how far it is, DELETE
 *	  ends it.
 *
 * What is whole but no recording yet, because whoever was at it died or was refused,
 * becomes one with whichever of PATCH and HEAD comes next.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/json.h"
#include "gate/tus_parts.h"

#define FIND                                                            \
	"SELECT u.state, u.uri, u.name, u.options, u.metadata, u.expected," \
	" u.received, u.unproved_from, u.reserved, u.expires_at"            \
	" FROM leap.resumable_upload($1::uuid) u"
#define ANNOUNCE "SELECT leap.announce_upload($1::uuid, $2::bigint)"
#define KEEP     "SELECT leap.keep_upload($1::uuid, $2::bigint, $3::boolean)"
#define END      "SELECT leap.end_upload($1::uuid)"

#define UUID_LENGTH 36

enum
{
	AT_STATE,
	AT_URI,
	AT_NAME,
	AT_OPTIONS,
	AT_METADATA,
	AT_EXPECTED,
	AT_RECEIVED,
	AT_UNPROVED,
	AT_RESERVED,
	AT_EXPIRES
};

static void
refuse_unknown(Request *request)
{
	tus_refuse(request, 404, "LP020", "there is no such upload, or it is not yours",
			   "Begin it by POST " TUS_PATH ".");
}

static bool
failed(Request *request, const DbPoolOutcome *outcome)
{
	request->job = NULL;
	if (outcome->end == POOL_DONE)
		return false;
	upload_refuse_outcome(request, outcome);
	upload_leave(request->upload);
	return true;
}

/* What HEAD tells beside the offset. */
static const char *
described(Request *request, const Upload *upload)
{
	const Tus *tus = upload->tus;

	return arena_printf(
		&request->arena, "%s%s%s%sCache-Control: no-store\r\n",
		tus->expected >= 0 ? arena_printf(&request->arena, "Upload-Length: %lld\r\n",
										  (long long) tus->expected)
						   : "Upload-Defer-Length: 1\r\n",
		tus->metadata != NULL ? "Upload-Metadata: " : "",
		tus->metadata != NULL ? tus->metadata : "", tus->metadata != NULL ? "\r\n" : "");
}

/* It is a recording already. */
static void
answer_finished(Request *request, Upload *upload, const DbRows *rows)
{
	Tus *tus = upload->tus;

	upload->written = strtoll(rows_text(rows, 0, AT_RECEIVED), NULL, 10);
	if (!tus->looks && (tus->brings || tus->offset != upload->written))
	{
		tus_refuse(request, 409, "LP003", "the upload is whole, and a recording",
				   "HEAD tells which; nothing can be added.");
		return;
	}
	tus->expected = upload->written;
	tus_reply(request, tus->looks ? 200 : 204,
			  arena_printf(
				  &request->arena, "Upload-Offset: %lld\r\nLeap-Recording: %s\r\n%s",
				  (long long) upload->written, upload->id, described(request, upload)));
	upload_leave(upload);
}

static void
go_on_with_body(Upload *upload)
{
	/* told at once, so that it is kept from now on */
	upload->told_at = -1e9;
	tus_take_body(upload);
}

static void
take_marked(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;

	if (!failed(request, outcome))
		go_on_with_body(request->upload);
}

/* What a checksum is to prove does not count before; what came without one does. */
static void
mark(Upload *upload)
{
	const Tus *tus = upload->tus;

	if (!tus->has_check && tus->unproved < 0)
	{
		go_on_with_body(upload);
		return;
	}
	(void) snprintf(upload->received_text, sizeof upload->received_text, "%lld",
					(long long) upload->written);
	upload->values[1] = upload->received_text;
	upload->values[2] = tus->has_check ? "true" : "false";
	upload_ask(upload->request, KEEP, upload->values, 3, take_marked);
}

static void
take_announced(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	Upload *upload = request->upload;

	if (failed(request, outcome))
		return;
	upload->tus->expected = upload->tus->said;
	upload->reserved = upload->tus->said;
	mark(upload);
}

static void
announce(Upload *upload)
{
	(void) snprintf(upload->wanted_text, sizeof upload->wanted_text, "%lld",
					(long long) upload->tus->said);
	upload->values[1] = upload->wanted_text;
	upload_ask(upload->request, ANNOUNCE, upload->values, 2, take_announced);
}

/* The file is open, and nobody else's. */
static void
patch(Upload *upload)
{
	Request *request = upload->request;
	const Tus *tus = upload->tus;
	int64_t length = request->exchange->head.content_length;
	int64_t whole = tus->expected >= 0 ? tus->expected : tus->said;

	if (tus->offset != tus->length)
		request_refuse_hint(request, 409, "LP003", "the upload is at another offset",
							"Go on from Upload-Offset of this answer.",
							arena_printf(&request->arena, "Upload-Offset: %lld\r\n",
										 (long long) tus->length));
	else if (tus->said >= 0 && tus->expected >= 0 && tus->said != tus->expected)
		request_refuse_hint(request, 400, "LP030", "another length was announced",
							"Upload-Length of HEAD is what it is.", NULL);
	else if (whole >= 0 && (whole < tus->offset || length > whole - tus->offset))
		request_refuse_hint(request, 413, "LP030", "that is more than was announced",
							"Upload-Length is all of it.", NULL);
	else if (whole < 0 && length > UPLOAD_MOST - tus->offset)
		request_refuse_hint(request, 413, "LP030", "the upload is too large",
							"Tus-Max-Size of OPTIONS says how large one may be.", NULL);
	else if (upload_has_space(request, length > 0 ? length : 0))
	{
		if (tus->said >= 0 && tus->expected < 0)
			announce(upload);
		else
			mark(upload);
		return;
	}
	upload_leave(upload);
}

static void
opened(Upload *upload)
{
	Request *request = upload->request;
	Tus *tus = upload->tus;

	if (tus->locked)
		tus_refuse(request, 423, "LP003", "another request goes on with the upload",
				   "Wait until it has ended.");
	else if (tus->missing)
	{
		request_refuse_hint(request, 503, "58030",
							"what came of the upload is at another machine",
							"Send the requests of one upload to the same machine.", NULL);
		upload_leave(upload);
	}
	else
	{
		upload->written = upload->received = tus->length;
		if (tus->length == tus->expected &&
			(tus->looks || (tus->offset == tus->length && !tus->brings)))
			tus_file_store(upload, upload_finish);
		else if (!tus->looks)
			patch(upload);
		else
		{
			tus_reply(request, 200,
					  arena_printf(&request->arena, "%s%s", tus_progress(request, upload),
								   described(request, upload)));
			upload_leave(upload);
		}
	}
}

static int64_t
number_of(const DbRows *rows, int column, int64_t otherwise)
{
	const char *text = rows_text(rows, 0, column);

	return text != NULL && *text != '\0' ? strtoll(text, NULL, 10) : otherwise;
}

static bool
read_row(Upload *upload, const DbRows *rows)
{
	Tus *tus = upload->tus;
	const char *options = rows_text(rows, 0, AT_OPTIONS);
	const char *metadata = rows_text(rows, 0, AT_METADATA);

	upload->name = array_text(rows_text(rows, 0, AT_NAME));
	if (metadata != NULL && *metadata != '\0')
		tus->metadata = array_text(metadata);
	tus->expected = number_of(rows, AT_EXPECTED, -1);
	tus->unproved = number_of(rows, AT_UNPROVED, -1);
	upload->reserved = number_of(rows, AT_RESERVED, 0);
	(void) snprintf(tus->expires, sizeof tus->expires, "%s",
					rows_text(rows, 0, AT_EXPIRES));
	return json_parse(options, strlen(options), "options", &upload->options, NULL);
}

/* Whether there is such an upload; false: it has been answered. */
static bool
is_there(Request *request, const DbRows *rows)
{
	const char *state;

	if (rows_count(rows) == 0)
	{
		refuse_unknown(request);
		return false;
	}
	state = rows_text(rows, 0, AT_STATE);
	if (strcmp(state, "failed") != 0 && strcmp(state, "expired") != 0)
		return true;
	tus_refuse(request, 410, "LP020", "the upload was given up",
			   "Begin anew by POST " TUS_PATH ".");
	return false;
}

/* The row that was asked for; NULL = the request is answered with the reason. */
static const DbRows *
found_row(Request *request, const DbPoolOutcome *outcome)
{
	const DbRows *rows;

	if (failed(request, outcome))
		return NULL;
	rows = outcome->rows[request->main_index];
	return is_there(request, rows) ? rows : NULL;
}

static void
take_found(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	Upload *upload = request->upload;
	const DbRows *rows = found_row(request, outcome);

	if (rows == NULL)
		return;
	if (!read_row(upload, rows))
	{
		refuse_unknown(request);
		return;
	}
	if (strcmp(rows_text(rows, 0, AT_STATE), "finished") == 0)
	{
		answer_finished(request, upload, rows);
		return;
	}
	upload->uri = array_text(rows_text(rows, 0, AT_URI));
	upload->unwanted = tus_file_leave;
	tus_file_open(upload, opened);
}

static void
take_ended(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;

	if (failed(request, outcome))
		return;
	tus_reply(request, 204, "");
	upload_leave(request->upload);
}

static void
take_to_end(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	Upload *upload = request->upload;
	const DbRows *rows = found_row(request, outcome);

	if (rows == NULL)
		return;
	if (strcmp(rows_text(rows, 0, AT_STATE), "finished") == 0)
		tus_refuse(request, 409, "LP003", "the upload is whole, and a recording",
				   "Delete the recording.");
	else
		upload_ask(request, END, upload->values, 1, take_ended);
}

static void
find(Request *request, const char *id, DbPoolAnswer answer)
{
	Upload *upload = request->upload;

	(void) snprintf(upload->id, sizeof upload->id, "%s", id);
	upload->values[0] = upload->id;
	request_write_preamble(request, false);
	upload_ask(request, FIND, upload->values, 1, answer);
}

/* What a PATCH has to say; false: it has been answered. */
static bool
check_patch(Request *request, Upload *upload)
{
	const Head *head = &request->exchange->head;
	Tus *tus = upload->tus;

	tus->brings = head->content_length > 0 || head->chunked;
	if (!tus_has_type(request))
		tus_refuse(request, 415, "LP030", "the body is not bytes of an upload",
				   "Its Content-Type is application/offset+octet-stream.");
	else if (!tus_number(request, "upload-offset", &tus->offset) || tus->offset < 0)
		tus_refuse(request, 400, "LP030", "Upload-Offset cannot be read",
				   "It is the number of bytes that are there; HEAD tells it.");
	else if (!tus_number(request, "upload-length", &tus->said))
		tus_refuse(request, 400, "LP030", "Upload-Length cannot be read",
				   "It is the number of bytes of the whole upload.");
	else if (tus->said > UPLOAD_MOST)
		tus_refuse(request, 413, "LP030", "the upload is too large",
				   "Tus-Max-Size of OPTIONS says how large one may be.");
	else
		return tus_read_checksum(request, upload);
	return false;
}

void
tus_go_on(Request *request, const char *id, Slice method)
{
	Upload *upload = tus_new(request);

	if (strlen(id) != UUID_LENGTH || strspn(id, "0123456789abcdefABCDEF-") != UUID_LENGTH)
		refuse_unknown(request);
	else if (slice_is(method, "HEAD"))
	{
		upload->tus->looks = true;
		find(request, id, take_found);
	}
	else if (slice_is(method, "DELETE"))
		find(request, id, take_to_end);
	else if (!slice_is(method, "PATCH"))
	{
		request_refuse(request, 405, "PGRST117", "an upload has no such method", NULL,
					   "Allow: HEAD, PATCH, DELETE, OPTIONS\r\n");
		upload_leave(upload);
	}
	else if (check_patch(request, upload))
		find(request, id, take_found);
}
