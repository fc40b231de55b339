/*
 * net/call_body.h
 *	  The body of a call: a text, bytes of a file, or a form whose files are streamed.
 */
#ifndef LEAP_NET_CALL_BODY_H
#define LEAP_NET_CALL_BODY_H

#include <curl/curl.h>

#include "net/call.h"

typedef struct CallBody CallBody;

/* Puts method and body of the call on a request. What is returned lives until that is over;
 * never NULL. */
CallBody *call_body_set(CURL *curl, const Call *call);

/* Does a file go out? */
bool call_body_has_file(const Call *call);

/* How many bytes go out; of a form, those of its files and values. */
int64_t call_body_bytes(const CallBody *body);

/* Had a file fewer bytes than it was to have? */
bool call_body_is_short(const CallBody *body);

void call_body_free(CallBody *body); /* NULL is allowed */

#endif
