/*
 * gate/files.c
 *	  Sending a file of a recording.
 *
 * Row-level security decides: the file's row is read with the role and the claims of the
 * request, and what the caller cannot see is not there. The kernel sends the bytes. A file
 * never changes, so its digest is its version.
 */
#include "gate/files.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "gate/range.h"

#define PREFIX "/files/"

/* The row of an id. */
#define FIND                                                                     \
	"SELECT a.uri, a.sha256, a.media_type, a.kind FROM leap.artifacts a"         \
	"  JOIN leap.recordings r ON r.id = a.recording_id AND r.deleted_at IS NULL" \
	" WHERE a.id = $1::uuid"

#define UUID_LENGTH 36

bool
files_is_path(Slice path)
{
	return path.length > strlen(PREFIX) && memcmp(path.at, PREFIX, strlen(PREFIX)) == 0;
}

static void
refuse_missing(Request *request)
{
	request_refuse(request, 404, "LP020", "there is no such file, or it is not yours",
				   NULL, NULL);
}

static void
send_file(Request *request, const char *etag, const DbRows *rows, int fd, int64_t bytes)
{
	FileRange range = range_read(&request->exchange->head, etag, bytes);
	Buffer fields;

	buffer_init(&fields);
	buffer_printf(
		&fields,
		"ETag: %s\r\nAccept-Ranges: bytes\r\nCache-Control: private, no-cache\r\n"
		"X-Content-Type-Options: nosniff\r\n"
		"Content-Security-Policy: default-src 'none'; sandbox\r\n",
		etag);
	request_add_common(request, &fields);
	if (range.kind == RANGE_BEYOND)
		buffer_printf(&fields, "Content-Range: bytes */%lld\r\n", (long long) bytes);
	else if (range.kind != RANGE_SAME)
		buffer_printf(&fields,
					  "Content-Type: %s\r\nContent-Disposition: attachment; "
					  "filename=\"%s%s\"\r\n",
					  rows_text(rows, 0, 2), rows_text(rows, 0, 3),
					  strrchr(rows_text(rows, 0, 0), '.') != NULL
						  ? strrchr(rows_text(rows, 0, 0), '.')
						  : "");
	if (range.kind == RANGE_PART)
		buffer_printf(&fields, "Content-Range: bytes %lld-%lld/%lld\r\n",
					  (long long) range.from, (long long) (range.from + range.length - 1),
					  (long long) bytes);
	if (range.kind == RANGE_BEYOND || range.kind == RANGE_SAME)
	{
		(void) close(fd);
		exchange_answer(request->exchange, range.kind == RANGE_SAME ? 304 : 416,
						fields.data, "", 0);
	}
	else
		exchange_answer_file(request->exchange, range.kind == RANGE_PART ? 206 : 200,
							 fields.data, fd, range.from, range.length);
	buffer_free(&fields);
}

static void
take_row(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	const DbRows *rows;
	int64_t bytes;
	Error err;
	int fd;

	request->job = NULL;
	if (outcome->end != POOL_DONE)
	{
		request_refuse_outcome(request, outcome);
		return;
	}
	rows = outcome->rows[request->main_index];
	if (rows_count(rows) == 0)
		refuse_missing(request);
	else if (!storage_open(&request->gate->storage, rows_text(rows, 0, 0), &fd, &bytes,
						   &err))
	{
		log_error("a file cannot be sent: %s", err.message);
		refuse_missing(request);
	}
	else
		send_file(request, arena_printf(&request->arena, "\"%s\"", rows_text(rows, 0, 1)),
				  rows, fd, bytes);
}

/* The text of an id, or not. */
static bool
is_id(const char *text)
{
	return strlen(text) == UUID_LENGTH &&
		   strspn(text, "0123456789abcdefABCDEF-") == UUID_LENGTH;
}

void
files_run(Request *request)
{
	const Exchange *exchange = request->exchange;
	const char **values = arena_take(&request->arena, sizeof *values);

	values[0] = arena_copy(&request->arena, exchange->path.at + strlen(PREFIX),
						   exchange->path.length - strlen(PREFIX));
	if (!slice_is(exchange->head.method, "GET") &&
		!slice_is(exchange->head.method, "HEAD"))
		request_refuse(request, 405, "PGRST117", "files are only read", NULL,
					   "Allow: GET, HEAD\r\n");
	else if (!is_id(values[0]))
		refuse_missing(request);
	else
	{
		request->plan.schema = request->gate->settings->rest.schemas[0];
		request->plan.read_only = true;
		request_write_preamble(request, false);
		request->statements[request->statement_count++] =
			(DbPoolStatement){FIND, values, 1};
		request->job = db_pool_run(request->gate->pool, request->statements,
								   request->statement_count, false, take_row, request);
	}
}
