/*
 * gate/reply.c
 *	  Answers of the REST protocol, with the fields that are the same for all.
 */
#include <string.h>

#include "base/cleanup.h"
#include "gate/compress.h"
#include "gate/request.h"
#include "gate/tus.h"

/* No cookie tells who asks, so any page may ask: the one there is (the refresh token of our own
 * page) is not sent with requests that another site began. */
#define ALLOWED "Access-Control-Allow-Origin: *\r\n"
#define EXPOSED                                                                          \
	"Access-Control-Expose-Headers: Content-Encoding, Content-Location, Content-Range, " \
	"Content-Type, Date, Location, Server, Transfer-Encoding, Range-Unit\r\n"

static bool
has_field(const Buffer *fields, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = fields->data; line != NULL && *line != '\0';)
	{
		if (strncasecmp(line, name, length) == 0 && line[length] == ':')
			return true;
		line = strchr(line, '\n');
		line += line != NULL;
	}
	return false;
}

void
request_add_common(Request *request, Buffer *fields)
{
	bool origin = head_field(&request->exchange->head, "origin") != NULL;

	bool options = slice_is(request->exchange->head.method, "OPTIONS");

	/* to who gave it a name */
	if (head_field(&request->exchange->head, "x-request-id") != NULL &&
		!has_field(fields, "X-Request-Id"))
		buffer_printf(fields, "X-Request-Id: %s\r\n", request->exchange->id);
	if ((origin || options) && !has_field(fields, "Access-Control-Allow-Origin"))
		buffer_puts(fields, options ? ALLOWED : ALLOWED EXPOSED);
	if (tus_is_path(request->exchange->path))
		tus_add_common(request, fields);
	if (request->limit.limit > 0)
		buffer_printf(
			fields,
			"RateLimit-Limit: %u\r\nRateLimit-Remaining: %u\r\nRateLimit-Reset: %u\r\n",
			request->limit.limit, request->limit.remaining, request->limit.reset);
}

void
request_reply(Request *request, RestAnswer *answer)
{
	const Head *head = &request->exchange->head;
	CLEANUP(buffer) Buffer small;
	Slice body = answer->body;

	buffer_init(&small);
	request_add_common(request, &answer->fields);
	if (compress_suits(head, body.length))
		buffer_puts(&answer->fields, "Vary: Accept-Encoding\r\n");
	if (compress_suits(head, body.length) && compress_taken(head) &&
		compress_gzip(body, &small))
	{
		buffer_puts(&answer->fields, "Content-Encoding: gzip\r\n");
		body = (Slice){small.data, small.length};
	}
	request->exchange->reason = answer->reason;
	exchange_answer(request->exchange, answer->status, answer->fields.data, body.at,
					body.length);
}

void
request_reply_error(Request *request, RestError *error)
{
	RestAnswer answer = {0};

	rest_error_answer(error, &answer);
	if (answer.status == 503 && !has_field(&answer.fields, "Retry-After"))
		buffer_puts(&answer.fields, "Retry-After: 1\r\n");
	request_reply(request, &answer);
	rest_answer_free(&answer);
}

void
request_refuse(Request *request, int status, const char *code, const char *message,
			   const char *details, const char *fields)
{
	RestError error = {.status = status,
					   .code = code,
					   .message = message,
					   .details = details,
					   .fields = fields};

	request_reply_error(request, &error);
}

void
request_refuse_hint(Request *request, int status, const char *code, const char *message,
					const char *hint, const char *fields)
{
	RestError error = {.status = status,
					   .code = code,
					   .message = message,
					   .hint = hint,
					   .fields = fields};

	request_reply_error(request, &error);
}

/* "A,B" as "A, B". */
static void
add_list(Buffer *fields, Slice list)
{
	for (size_t i = 0; i < list.length; i++)
		if (list.at[i] == ',')
			buffer_puts(fields, ", ");
		else if (list.at[i] != ' ')
			buffer_append(fields, &list.at[i], 1);
}

bool
request_preflight(Request *request)
{
	const Head *head = &request->exchange->head;
	const Slice *wanted = head_field(head, "access-control-request-headers");
	Buffer fields;

	if (!slice_is(head->method, "OPTIONS") || head_field(head, "origin") == NULL ||
		head_field(head, "access-control-request-method") == NULL)
		return false;
	buffer_init(&fields);
	buffer_puts(&fields,
				"Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: "
				"GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD\r\n"
				"Access-Control-Allow-Headers: Authorization, ");
	if (wanted != NULL && wanted->length > 0)
	{
		add_list(&fields, *wanted);
		buffer_puts(&fields, ", ");
	}
	buffer_puts(&fields, "Accept, Accept-Language, Content-Language\r\n"
						 "Access-Control-Max-Age: 86400\r\n");
	exchange_answer(request->exchange, 200, fields.data, "", 0);
	buffer_free(&fields);
	return true;
}
