/*
 * http/head.h
 *	  The head of an HTTP/1.1 request: request line and fields, read strictly (RFC 9112).
 *
 * What two programs could read differently is refused, whether RFC 9112 lets a server guess or
 * not: bare CR or LF, folded fields, a space before the colon, Content-Length said twice or
 * beside Transfer-Encoding. After a refusal the connection must be closed: nobody knows where
 * the next request begins. Nothing is allocated; a Head points into the bytes it was read from.
 */
#ifndef LEAP_HTTP_HEAD_H
#define LEAP_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAD_MOST_BYTES  16384 /* request line and fields together */
#define HEAD_MOST_TARGET 8192
#define HEAD_MOST_FIELDS 100

typedef struct Slice
{
	const char *at;
	size_t length;
} Slice;

typedef struct Field
{
	Slice name;
	Slice value; /* without the blanks around it */
} Field;

typedef struct Head
{
	Slice method;
	Slice target;    /* origin-form: path and query; or "*" of OPTIONS */
	Slice authority; /* of Host, or of a target in absolute form */
	int minor;       /* of the version: HTTP/1.minor */
	Field fields[HEAD_MOST_FIELDS];
	size_t count;
	int64_t content_length; /* -1: not said */
	bool chunked;
	bool keep_alive;
	bool
		expect_continue; /* the client waits for "100 Continue" before it sends the body */
} Head;

/* Why a request is refused. */
typedef struct HeadRefusal
{
	int status;
	const char *reason; /* a sentence for people, without anything of the request */
} HeadRefusal;

typedef enum HeadResult
{
	HEAD_DONE,
	HEAD_MORE, /* the head is not whole yet; read on, and call again from its first byte */
	HEAD_REFUSED
} HeadResult;

/* Reads the head at the beginning of `bytes`; *used is its length, with the empty line. */
HeadResult head_read(const char *bytes, size_t length, Head *head, size_t *used,
					 HeadRefusal *refusal);

/* The value of the field of that name (lower case), or NULL; the first of several. */
const Slice *head_field(const Head *head, const char *name);

/* Whether the list in this field ("a, b") has the word, whatever its case. */
bool slice_lists(Slice list, const char *word);

/* Whether the bytes are this text; _any_case for ASCII letters. */
bool slice_is(Slice slice, const char *text);
bool slice_is_any_case(Slice slice, const char *text);

#endif
