/*
 * source/platform_get.h
 *	  Questions to the interface of a platform: JSON by GET, with or without an account.
 *
 * Who asks too often within a second is asked to wait a moment: that is waited here. A limit
 * that lasts longer ends the task, which comes back when the platform says.
 */
#ifndef LEAP_SOURCE_PLATFORM_GET_H
#define LEAP_SOURCE_PLATFORM_GET_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/error.h"
#include "net/call.h"
#include "source/source.h"

typedef struct PlatformGet
{
	const SourceQuery *query; /* with its account, if there is one */

	/* Says what an answer with a status of 300 and more means, except 429; returns false. */
	bool (*refuse)(const CallAnswer *answer, const char *url, Error *err);
} PlatformGet;

/*
 * *json is the object of a status 200 to 299, the caller's. Errors: those of refuse and of
 * account_call; rate_limited with retry_after; transient bad_answer for what is no object.
 */
bool platform_get(const PlatformGet *get, const char *url, cJSON **json, Error *err);

/* Appends text as a part of a path or of a query: all but letters, digits and -._~ as %XX. */
void platform_escape(Buffer *url, const char *text);

#endif
