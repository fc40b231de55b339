/*
 * gate/files.c
 *	  Sending a file of a recording.
 *
 * Row-level security decides: the file's row is read with the role and the claims of the
 * request, and what the caller cannot see is not there. A link that is signed
 * (leap.file_url()) is looked up by the gateway itself: it says what is allowed, not who asks.
 * The kernel sends the bytes. A file never changes, so its digest is its version.
 */
#include "gate/files.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "gate/disposition.h"
#include "gate/files_open.h"
#include "gate/range.h"

#define PREFIX    "/files/"
#define LINK_SIZE 4096

/* The row of an id. */
#define FIND                                                                     \
	"SELECT a.uri, a.sha256, a.media_type,"                                      \
	" leap.file_name(r.display_name, a.kind, a.uri, a.media_type)"               \
	" FROM leap.artifacts a"                                                     \
	"  JOIN leap.recordings r ON r.id = a.recording_id AND r.deleted_at IS NULL" \
	" WHERE a.id = $1::uuid"
#define FIND_SIGNED                                      \
	"SELECT f.uri, f.sha256, f.media_type, f.name FROM " \
	"leap.signed_file($1::uuid, $2::bigint, $3::boolean, $4) f"

#define UUID_LENGTH 36

/* What a browser may show within a page of its own; anything else is saved. */
static const char *const shown[] = {"video/", "audio/", "image/jpeg", "text/plain",
									"text/vtt"};

/* The value of a parameter that needs no decoding; false: it is not there. */
static bool
find_parameter(Slice query, const char *name, Slice *value)
{
	size_t length = strlen(name);

	while (query.length > 0)
	{
		const char *end = memchr(query.at, '&', query.length);
		size_t part = end != NULL ? (size_t) (end - query.at) : query.length;

		if (part > length && memcmp(query.at, name, length) == 0 &&
			query.at[length] == '=')
		{
			*value = (Slice){query.at + length + 1, part - length - 1};
			return true;
		}
		part += end != NULL;
		query = (Slice){query.at + part, query.length - part};
	}
	return false;
}

bool
files_is_signed(const Exchange *exchange)
{
	Slice signature;

	return files_is_path(exchange->path) &&
		   find_parameter(exchange->query, "sig", &signature);
}

bool
files_is_path(Slice path)
{
	return path.length > strlen(PREFIX) && memcmp(path.at, PREFIX, strlen(PREFIX)) == 0;
}

static void
refuse_missing(Request *request)
{
	request_refuse_hint(
		request, 404, "LP020", "there is no such file, or it is not yours",
		"GET /api/v1/recordings/ID/files lists those of a recording.", NULL);
}

/* A link may ask to see the file. */
static bool
is_shown(const Request *request, const char *media_type)
{
	Slice download;

	if (!request->nameless ||
		!find_parameter(request->exchange->query, "download", &download) ||
		!slice_is(download, "false"))
		return false;
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
		if (strncmp(media_type, shown[i], strlen(shown[i])) == 0)
			return true;
	return false;
}

static void
describe(Request *request, const FileFound *found, Buffer *fields)
{
	buffer_printf(fields, "Content-Type: %s\r\n", found->media_type);
	disposition_write(fields, found->name, !is_shown(request, found->media_type));
}

static void
send_file(Request *request, FileFound *found)
{
	const char *etag = found->etag;
	int64_t bytes = found->bytes;
	FileRange range = range_read(&request->exchange->head, etag, bytes);
	CLEANUP(buffer) Buffer fields;

	buffer_init(&fields);
	buffer_printf(&fields,
				  "ETag: %s\r\nAccept-Ranges: bytes\r\nCache-Control: private, "
				  "no-cache\r\nX-Content-Type-Options: nosniff\r\n"
				  "Content-Security-Policy: default-src 'none'; img-src 'self'; "
				  "media-src 'self'; sandbox\r\n",
				  etag);
	request_add_common(request, &fields);
	if (range.kind == RANGE_BEYOND)
		buffer_printf(&fields, "Content-Range: bytes */%lld\r\n", (long long) bytes);
	else if (range.kind != RANGE_SAME)
		describe(request, found, &fields);
	if (range.kind == RANGE_PART)
		buffer_printf(&fields, "Content-Range: bytes %lld-%lld/%lld\r\n",
					  (long long) range.from, (long long) (range.from + range.length - 1),
					  (long long) bytes);
	if (range.kind == RANGE_BEYOND || range.kind == RANGE_SAME)
	{
		(void) close(found->fd);
		exchange_answer(request->exchange, range.kind == RANGE_SAME ? 304 : 416,
						fields.data, "", 0);
	}
	else
		exchange_answer_file(request->exchange, range.kind == RANGE_PART ? 206 : 200,
							 fields.data, found->fd, range.from, range.length);
}

static void
take_file(Request *request, FileFound *found)
{
	if (found->fd >= 0)
	{
		send_file(request, found);
		return;
	}
	log_error("a file cannot be sent: %s", found->err.message);
	refuse_missing(request);
}

/* What is known of it outlives the rows. */
static FileFound *
keep_row(Request *request, const DbRows *rows)
{
	FileFound *found = arena_take(&request->arena, sizeof *found);

	*found = (FileFound){
		.uri = arena_printf(&request->arena, "%s", rows_text(rows, 0, 0)),
		.etag = arena_printf(&request->arena, "\"%s\"", rows_text(rows, 0, 1)),
		.media_type = arena_printf(&request->arena, "%s", rows_text(rows, 0, 2)),
		.name = arena_printf(&request->arena, "%s", rows_text(rows, 0, 3)),
		.fd = -1};
	return found;
}

/* Pages read words and pictures where they could not from another origin without its consent,
 * and these are small. */
static bool
is_for_scripts(const char *media_type)
{
	static const char *const read[] = {"image/", "text/", "application/json",
									   "application/x-subrip"};

	for (size_t i = 0; i < sizeof read / sizeof read[0]; i++)
		if (strncmp(media_type, read[i], strlen(read[i])) == 0)
			return true;
	return false;
}

/* Where the storage has links its service sends the file: the answer says where, for a while. */
static void
send_link(Request *request, const DbRows *rows)
{
	const char *media_type = rows_text(rows, 0, 2);
	char url[LINK_SIZE];
	CLEANUP(buffer) Buffer fields;
	CLEANUP(buffer) Buffer disposition;
	Error err;

	buffer_init(&fields);
	buffer_init(&disposition);
	disposition_write(&disposition, rows_text(rows, 0, 3),
					  !is_shown(request, media_type));
	disposition.data[disposition.length - strlen("\r\n")] = '\0';
	if (!storage_link(
			&request->gate->storage, rows_text(rows, 0, 0),
			&(StorageLink){
				.method = arena_copy(&request->arena, request->exchange->head.method.at,
									 request->exchange->head.method.length),
				.seconds = request->gate->settings->link_seconds,
				.media_type = media_type,
				.disposition = disposition.data + strlen("Content-Disposition: ")},
			url, sizeof url, &err))
	{
		log_error("a file cannot be sent: %s", err.message);
		refuse_missing(request);
		return;
	}
	buffer_printf(&fields,
				  "Location: %s\r\nCache-Control: private, no-store\r\n"
				  "Referrer-Policy: no-referrer\r\n",
				  url);
	request_add_common(request, &fields);
	exchange_answer(request->exchange, 302, fields.data, "", 0);
}

bool
files_are_sent_away(const Gate *gate)
{
	return gate->settings->file_links && storage_has_links(&gate->storage);
}

static void
take_row(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	const DbRows *rows;

	request->job = NULL;
	if (outcome->end != POOL_DONE)
	{
		request_refuse_outcome(request, outcome);
		return;
	}
	rows = outcome->rows[request->main_index];
	if (rows_count(rows) == 0 && request->nameless)
		request_refuse_hint(request, 403, "LP043", "the link is not good, or no longer",
							"Ask for another one: GET /api/v1/artifacts/ID/url.", NULL);
	else if (rows_count(rows) == 0)
		refuse_missing(request);
	else if (files_are_sent_away(request->gate) && !is_for_scripts(rows_text(rows, 0, 2)))
		send_link(request, rows);
	else
		files_open(request, keep_row(request, rows), take_file);
}

/* The text of an id, or not. */
static bool
is_id(const char *text)
{
	return strlen(text) == UUID_LENGTH &&
		   strspn(text, "0123456789abcdefABCDEF-") == UUID_LENGTH;
}

/* A number of seconds that PostgreSQL can read. */
static bool
is_time(Slice text)
{
	return text.length > 0 && text.length <= 15 &&
		   strspn(text.at, "0123456789") >= text.length;
}

static void
find(Request *request, const char *sql, const char **values, size_t count)
{
	request->statements[request->statement_count++] =
		(DbPoolStatement){sql, values, count};
	request->job = db_pool_run(request->gate->pool, request->statements,
							   request->statement_count, false, take_row, request);
}

/* Nobody asks: the statement is the gateway's own. */
static void
find_signed(Request *request, const char **values)
{
	Slice query = request->exchange->query;
	Slice expires = {"", 0};
	Slice download = {"", 0};
	Slice signature = {"", 0};

	(void) find_parameter(query, "sig", &signature);
	if (!find_parameter(query, "exp", &expires) || !is_time(expires) ||
		!find_parameter(query, "download", &download) ||
		!(slice_is(download, "true") || slice_is(download, "false")))
	{
		request_refuse_hint(request, 403, "LP043", "the link is not good, or no longer",
							"Ask for another one: GET /api/v1/artifacts/ID/url.", NULL);
		return;
	}
	values[1] = arena_copy(&request->arena, expires.at, expires.length);
	values[2] = arena_copy(&request->arena, download.at, download.length);
	values[3] = arena_copy(&request->arena, signature.at, signature.length);
	find(request, FIND_SIGNED, values, 4);
}

void
files_run(Request *request)
{
	const Exchange *exchange = request->exchange;
	const char **values = arena_take(&request->arena, 4 * sizeof *values);

	values[0] = arena_copy(&request->arena, exchange->path.at + strlen(PREFIX),
						   exchange->path.length - strlen(PREFIX));
	if (!slice_is(exchange->head.method, "GET") &&
		!slice_is(exchange->head.method, "HEAD"))
		request_refuse(request, 405, "PGRST117", "files are only read", NULL,
					   "Allow: GET, HEAD\r\n");
	else if (!is_id(values[0]))
		refuse_missing(request);
	else if (request->nameless)
		find_signed(request, values);
	else
	{
		request->plan.schema = request->gate->settings->rest.schemas[0];
		request->plan.read_only = true;
		request_write_preamble(request, false);
		find(request, FIND, values, 1);
	}
}
