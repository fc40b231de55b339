/*
 * platform/youtube_session_begin.c
 *	  The beginning of a resumable upload session: the video's description goes out, a URI
 *	  comes back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "net/url.h"
#include "platform/youtube_error.h"
#include "platform/youtube_session.h"

#define URI_SIZE 8192

/* The day before an answer, by the server's clock: what is made from now on is not older. */
static void
note_day(YouTube *youtube, const CallAnswer *answer)
{
	int64_t now = answer_time(&answer->answer);
	time_t before = (time_t) now - 86400;
	char day[32] = "";
	struct tm utc;

	if (now >= 0 && gmtime_r(&before, &utc) != NULL)
		strftime(day, sizeof day, "%Y-%m-%d", &utc);
	json_put(youtube->state, "since", cJSON_CreateString(day));
}

static bool
begin_once(const Session *session, const Call *call, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	YouTube *youtube = session->youtube;
	Call once = *call;
	char uri[URI_SIZE];

	if (!account_call(youtube->account, &once, &answer, err))
		return false;
	if (answer.answer.status != 200 && answer.answer.status != 201)
		return youtube_error(&answer, "begin the upload", err);
	if (call_header(&answer, "Location", uri, sizeof uri) == NULL ||
		strlen(uri) == sizeof uri - 1 || !url_check(uri, NULL))
		return error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
						 "YouTube began an upload without saying where");
	json_put(youtube->state, "session", cJSON_CreateString(uri));
	note_day(youtube, &answer);
	return true;
}

bool
session_begin(const Session *session, const cJSON *resource, Error *err)
{
	YouTube *youtube = session->youtube;
	const cJSON *settings = publication_settings(youtube->publication);
	bool notify = json_bool(settings, "notify_subscribers", true);
	CLEANUP(free) char *body = json_print(resource);
	CLEANUP(buffer) Buffer url;
	char length[64];
	char type[160];
	Call call;

	buffer_init(&url);
	youtube_url(&url, youtube->upload, "/videos",
				(const char *const[]){"uploadType", "resumable", "part", "snippet,status",
									  "notifySubscribers", notify ? "true" : "false",
									  NULL});
	snprintf(length, sizeof length, "X-Upload-Content-Length: %lld",
			 (long long) session->bytes);
	snprintf(type, sizeof type, "X-Upload-Content-Type: %s", session->media_type);
	call = CALL("POST", url.data);
	call.headers = (const char *const[]){"Content-Type: application/json; charset=UTF-8",
										 length, type, NULL};
	call.body = body;
	call.body_length = strlen(body);
	call.allow_private = youtube->allow_private;
	call.reporter = youtube->publication->reporter;
	call.from = call.to = session->from;
	call.step = youtube->step;
	/* a session that has got no bytes leaves nothing behind: it may be begun again */
	for (int tries = 1; !begin_once(session, &call, err); tries++)
	{
		double pause;

		if (!youtube_may_pass(err, tries, &pause) || !youtube_wait(youtube, pause, err))
			return false;
	}
	return youtube_save(youtube, err);
}
