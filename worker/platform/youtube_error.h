/*
 * platform/youtube_error.h
 *	  What YouTube means by its refusals: a reason, a word in the answer, decides; status and
 *	  text alone do not.
 */
#ifndef LEAP_PLATFORM_YOUTUBE_ERROR_H
#define LEAP_PLATFORM_YOUTUBE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "net/call.h"

/*
 * An error for an answer that is no success; what, the act for people, completes "YouTube
 * refused to …". Returns false.
 *
 * rate_limited: platform_quota until the project's next day, upload_limit for a day,
 * rate_limited as long as the answer says. credential: token_refused, no_channel,
 * channel_unusable, permission_missing. input: metadata_refused, which names the field,
 * setting_refused, video_too_large. permanent: published_gone (no such video), api_disabled,
 * request_refused. transient: server_error. err->status is the answer's.
 */
bool youtube_error(const CallAnswer *answer, const char *what, Error *err);

/* The reason of a refusal, "" when the answer has none; copied into reason. */
void youtube_reason(const CallAnswer *answer, char *reason, size_t size);

/* Is that a reason this program knows? */
bool youtube_knows(const char *reason);

/* Seconds from now (since 1970) to the next midnight of the Pacific time zone, when daily
 * quotas begin anew. */
double youtube_day_left(int64_t now);

#endif
