/*
 * net/call_body.c
 *	  The body of a call, read from where it is as the network takes it.
 */
#include "net/call_body.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"

/* A text or a piece of a file that goes out. */
typedef struct Piece
{
	const char *text; /* NULL: of fd */
	int fd;
	int64_t from, bytes;
	int64_t at; /* of `bytes`, read so far */
	bool is_short;
} Piece;

struct CallBody
{
	curl_mime *form;
	size_t count;
	Piece pieces[];
};

static size_t
read_piece(char *bytes, size_t size, size_t count, void *arg)
{
	Piece *piece = arg;
	int64_t left = piece->bytes - piece->at;
	size_t wanted = size * count;
	ssize_t got;

	if ((int64_t) wanted > left)
		wanted = (size_t) left;
	if (wanted == 0)
		return 0;
	if (piece->text != NULL)
	{
		memcpy(bytes, piece->text + piece->at, wanted);
		got = (ssize_t) wanted;
	}
	else
		do
			got = pread(piece->fd, bytes, wanted, piece->from + piece->at);
		while (got < 0 && errno == EINTR);
	piece->is_short = got <= 0;
	if (got <= 0)
		return CURL_READFUNC_ABORT;
	piece->at += got;
	return (size_t) got;
}

static int
seek_piece(void *arg, curl_off_t offset, int origin)
{
	Piece *piece = arg;

	if (origin != SEEK_SET || offset < 0 || offset > piece->bytes)
		return CURL_SEEKFUNC_FAIL;
	piece->at = offset;
	return CURL_SEEKFUNC_OK;
}

/* The curl_mime takes the values by copying, the files by their piece. */
static void
set_form(CURL *curl, CallBody *body, const CallPart *parts)
{
	body->form = curl_mime_init(curl);
	for (size_t i = 0; i < body->count; i++)
	{
		curl_mimepart *part = curl_mime_addpart(body->form);
		Piece *piece = &body->pieces[i];

		*piece = (Piece){.text = parts[i].value,
						 .fd = parts[i].fd,
						 .from = parts[i].from,
						 .bytes = parts[i].bytes};
		curl_mime_name(part, parts[i].name);
		if (parts[i].file_name != NULL)
			curl_mime_filename(part, parts[i].file_name);
		if (parts[i].type != NULL)
			curl_mime_type(part, parts[i].type);
		if (piece->text != NULL)
			piece->bytes = (int64_t) strlen(piece->text);
		curl_mime_data_cb(part, piece->bytes, read_piece, seek_piece, NULL, piece);
	}
	curl_easy_setopt(curl, CURLOPT_MIMEPOST, body->form);
}

/* A body as it is: a text leaves in one piece with the head; what comes from a file libcurl
 * calls an upload, whatever the method. */
static void
set_single(CURL *curl, CallBody *body, const Call *call)
{
	Piece *piece = &body->pieces[0];

	if (call->body != NULL)
		*piece = (Piece){.text = call->body, .bytes = (int64_t) call->body_length};
	else
		*piece = (Piece){
			.fd = call->body_fd, .from = call->body_from, .bytes = call->body_bytes};
	if (piece->text != NULL)
	{
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) piece->bytes);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, piece->text);
		return;
	}
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t) piece->bytes);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_piece);
	curl_easy_setopt(curl, CURLOPT_READDATA, piece);
	curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, seek_piece);
	curl_easy_setopt(curl, CURLOPT_SEEKDATA, piece);
}

/* Without a body these methods still say how long it is (RFC 9110, 8.6). */
static bool
wants_length(const char *method)
{
	return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
		   strcmp(method, "PATCH") == 0;
}

CallBody *
call_body_set(CURL *curl, const Call *call)
{
	static const char nothing[] = "";
	CallBody *body;
	size_t count = 1;
	Call empty = *call;

	if (call->parts != NULL)
		for (count = 0; call->parts[count].name != NULL;)
			count++;
	body = array_new(1, sizeof *body + count * sizeof body->pieces[0]);
	body->count = count;
	empty.body = nothing;
	empty.body_length = 0;
	if (call->parts != NULL)
		set_form(curl, body, call->parts);
	else if (call->body != NULL || call->body_fd >= 0)
		set_single(curl, body, call);
	else if (wants_length(call->method))
		set_single(curl, body, &empty);
	else if (strcmp(call->method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
	return body;
}

bool
call_body_has_file(const Call *call)
{
	if (call->parts == NULL)
		return call->body == NULL && call->body_fd >= 0;
	for (const CallPart *part = call->parts; part->name != NULL; part++)
		if (part->value == NULL)
			return true;
	return false;
}

int64_t
call_body_bytes(const CallBody *body)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < body->count; i++)
		bytes += body->pieces[i].bytes;
	return bytes;
}

bool
call_body_is_short(const CallBody *body)
{
	for (size_t i = 0; i < body->count; i++)
		if (body->pieces[i].is_short)
			return true;
	return false;
}

void
call_body_free(CallBody *body)
{
	if (body == NULL)
		return;
	curl_mime_free(body->form);
	free(body);
}
