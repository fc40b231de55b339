/*
 * gate/multipart.h
 *	  Takes a body of multipart/form-data apart while it arrives (RFC 7578), strictly.
 *
 * What programs could read differently is refused: text before the first or behind the last
 * delimiter, headers that are folded, said twice or too long, a part without a name, another
 * encoding than bytes as they are. Memory does not depend on the size of the body.
 */
#ifndef LEAP_GATE_MULTIPART_H
#define LEAP_GATE_MULTIPART_H

#include <stdbool.h>

#include "http/head.h"

#define MULTIPART_NAME     256 /* bytes of a name, with its end */
#define MULTIPART_BOUNDARY 70
#define MULTIPART_HEADERS  4096 /* bytes of the headers of a part */
#define MULTIPART_PARTS    32

typedef struct Multipart Multipart;

/* What is told while it arrives; false stops: nothing more is read. */
typedef struct MultipartSink
{
	/* A part begins; filename is NULL for a field. */
	bool (*begin)(void *arg, const char *name, const char *filename);
	bool (*data)(void *arg, const char *bytes, size_t length);
	bool (*end)(void *arg);
	void *arg;
} MultipartSink;

/* The reader for a body of this Content-Type; NULL: that is not multipart/form-data with a
 * boundary. */
Multipart *multipart_new(Slice content_type, const MultipartSink *sink);
void multipart_free(Multipart *multipart);

/* Whether the Content-Type names multipart/form-data at all. */
bool multipart_is(Slice content_type);

/* Takes the next bytes. False: refused (multipart_fault() says why), or the sink stopped it. */
bool multipart_feed(Multipart *multipart, const char *bytes, size_t length);

/* After the last byte: whether the body was whole. */
bool multipart_whole(const Multipart *multipart);

/* Why it was refused, for people; NULL: it was not. */
const char *multipart_fault(const Multipart *multipart);

#endif
