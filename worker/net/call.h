/*
 * net/call.h
 *	  One request to the interface of a service, and its whole answer: the one way in which
 *	  platforms, sources and token servers are spoken to.
 *
 * Bodies are streamed from a descriptor with constant memory, alone or as files of a form.
 * No redirect is followed, nothing is sent twice (but on a line), and the headers, which hold
 * tokens, go to the URL's own host and into no message.
 */
#ifndef LEAP_NET_CALL_H
#define LEAP_NET_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/report.h"
#include "base/throughput.h"
#include "net/answer.h"

/* A field of a form with its value, or a file: `bytes` bytes of fd, from `from` on. */
typedef struct CallPart
{
	const char *name; /* NULL ends a list */
	const char *value;
	int fd; /* of a file, a regular one; looked at when value is NULL */
	int64_t from, bytes;
	const char *file_name;
	const char *type; /* of the file's content; may be NULL */
} CallPart;

typedef struct Call
{
	const char *method;         /* "GET", ... */
	const char *url;            /* http or https */
	const char *shown;          /* how messages call it; NULL: url without its secrets */
	const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */

	/* at most one kind of body: a text; bytes of a regular file, which is read by pread; or
	 * a form */
	const char *body;
	size_t body_length;
	int body_fd; /* -1: none */
	int64_t body_from, body_bytes;
	const CallPart *parts; /* multipart/form-data, ended by a row without name */

	struct CallLine *line; /* of a request that may be made twice; NULL = none */
	bool allow_private;
	long connect_seconds; /* 0 = 30 */
	long quiet_seconds;   /* how long nothing may move in either direction; 0 = 120 */
	long total_seconds;   /* 0 = 300, or without end where a file is sent */
	size_t most_answer;   /* bytes; 0 = 8 MiB */

	const Reporter
		*reporter;   /* asked whether to go on, told of what is sent; may be NULL */
	double from, to; /* which part of the task the sending is */
	const char *step;
	Throughput
		*throughput; /* of a file: how fast it goes is told behind the step; or NULL */
	bool (*sent)(void *arg,
				 int64_t bytes); /* now and then: so many bytes of the body have
											 * left; false ends the call. May be NULL */
	void *arg;
} Call;

typedef struct CallAnswer
{
	Answer answer;
	Buffer body;
	cJSON *json; /* the body, where it is JSON; else NULL */
	char *head;  /* its lines, "Name: value\r\n"; never NULL after call_run */
} CallAnswer;

#define CALL(m, u) ((Call){.method = (m), .url = (u), .body_fd = -1})

/*
 * Makes the request once. True when a whole answer came, whatever its status.
 *
 * Errors: transient connection_lost (also what takes longer than it may) and bad_answer
 * (larger than most_answer); permanent address_refused, bad_certificate, bad_url, bad_request
 * (a header with control characters) and file_changed (the file has fewer bytes than it was
 * to have); lost cancelled, stopped by the reporter or by sent, within a second.
 * err->maybe_sent tells whether the request may have reached the server.
 *
 * What *answer held before is released: it begins as {0}, and may be used again.
 */
bool call_run(const Call *call, CallAnswer *answer, Error *err);

/* The value of a header of the answer, copied and cut to size; NULL when it is not there. Of
 * several with that name it is the first. */
const char *call_header(const CallAnswer *answer, const char *name, char *value,
						size_t size);

/* Also of one that is all zeroes; it is that again afterwards. */
void call_answer_free(CallAnswer *answer);

/* For CLEANUP(call_answer). */
static inline void
cleanup_call_answer(CallAnswer *answer)
{
	call_answer_free(answer);
}

#endif
