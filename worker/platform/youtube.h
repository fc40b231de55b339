/*
 * platform/youtube.h
 *	  What the parts of the YouTube client share: one publication, and requests to the API.
 *
 * The state is what publication_save keeps, an object:
 *   marker   a tag of the video that nothing else has, made before its upload begins
 *   sha256, bytes   of the file
 *   session  the URI of the upload; whoever has it may send the video's bytes. It is in no
 *            message, and goes when the video is there
 *   since    the day before the session began, by YouTube's clock: "2026-11-20"
 *   last     the last piece was sent, and nothing has been heard of it
 *   looks    how often the marker was looked for in vain since
 *   video    the video's id: it is uploaded
 *   done     what is done of the rest: {"playlist_id","playlist_item","thumbnail",
 *            "captions":{"en":{"id","sha256"}}}; it becomes part of target.meta
 */
#ifndef LEAP_PLATFORM_YOUTUBE_H
#define LEAP_PLATFORM_YOUTUBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "net/account.h"
#include "net/call.h"
#include "platform/platform.h"

#define YOUTUBE_ID_SIZE 128 /* of videos, playlists, channels and their items */

typedef struct YouTube
{
	const Publication *publication; /* NULL: only the account is looked at */
	Account *account;
	const char *api;    /* URLs that paths are appended to */
	const char *upload; /* the same for what takes files */
	bool allow_private;
	cJSON *state;    /* see above */
	cJSON *target;   /* {"remote_id","url","meta"}, growing */
	double fraction; /* of the task, while requests are made */
	const char *step;
	int64_t now; /* when YouTube answered last, by its clock; -1 = it did not say */
} YouTube;

/* Appends base, path and the query, a list of name, value, name, value ... ended by NULL,
 * each value encoded. */
void youtube_url(Buffer *url, const char *base, const char *path,
				 const char *const *query);

/* One request. *json (may be NULL) becomes the answer's body, owned by the caller, NULL when
 * there is none. what completes "YouTube refused to …"; errors as of youtube_error and
 * call_run. */
bool youtube_request(YouTube *youtube, Call *call, const char *what, cJSON **json,
					 Error *err);

/* The same for a request that does no harm when it is made twice: what passes within seconds
 * is waited for, a few times. */
bool youtube_ask(YouTube *youtube, Call *call, const char *what, cJSON **json,
				 Error *err);

/* GET api/path?query, by youtube_ask; an answer without JSON is transient, bad_answer. */
bool youtube_get(YouTube *youtube, const char *path, const char *const *query,
				 const char *what, cJSON **json, Error *err);

/* Is it worth to try again here and now, after *pause seconds? tries is how many there were. */
bool youtube_may_pass(const Error *err, int tries, double *pause);

/* Is that no fault of the part that met it: the task is to stop, or the part is to be had when
 * the trouble of the moment is over or the day's quota is renewed? */
bool youtube_must_stop(const Error *err);

/* Waits; false with lost, cancelled when the task is to stop. */
bool youtube_wait(YouTube *youtube, double seconds, Error *err);

/* Stores the state durably. */
bool youtube_save(YouTube *youtube, Error *err);

/* What is done of the rest, an object in the state. */
cJSON *youtube_done(YouTube *youtube);

/* An object at key, made if it is not there. */
cJSON *youtube_object(cJSON *parent, const char *key);

#endif
