/*
 * net/document.h
 *	  A small document from a user's URL, into memory: a list, a feed.
 */
#ifndef LEAP_NET_DOCUMENT_H
#define LEAP_NET_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/report.h"
#include "net/url.h"

typedef struct DocumentRequest
{
	const char *url;
	size_t most_bytes; /* more is an input error, too_large */
	bool allow_private_addresses;
	const Reporter *reporter; /* asked whether to go on; may be NULL */
} DocumentRequest;

/*
 * Fetches it and follows redirects, each judged like a user's URL. body is initialised by
 * the caller; url receives the address it came from in the end. Not tried again here.
 * Errors are those of net/fetch.h.
 */
bool document_fetch(const DocumentRequest *request, Buffer *body, char url[URL_SIZE],
					Error *err);

#endif
