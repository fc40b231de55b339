/*
 * platform/youtube_call.c
 *	  Requests to YouTube's API.
 */
#include "platform/youtube.h"

#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "platform/youtube_error.h"

#define TRIES_MOST     5
#define PAUSE_FIRST    1.0
#define PAUSE_MOST     30.0 /* longer is for the database to wait */
#define LOOK_UP_MILLIS 200

static void
put_encoded(Buffer *url, const char *value)
{
	for (; *value != '\0'; value++)
		if ((*value >= '0' && *value <= '9') ||
			((*value | 0x20) >= 'a' && (*value | 0x20) <= 'z') ||
			strchr("-._~,", *value) != NULL)
			buffer_append(url, value, 1);
		else
			buffer_printf(url, "%%%02X", (unsigned char) *value);
}

void
youtube_url(Buffer *url, const char *base, const char *path, const char *const *query)
{
	char separator = '?';

	buffer_puts(url, base);
	buffer_puts(url, path);
	for (; *query != NULL; query += 2)
	{
		buffer_printf(url, "%c%s=", separator, query[0]);
		put_encoded(url, query[1]);
		separator = '&';
	}
}

bool
youtube_request(YouTube *youtube, Call *call, const char *what, cJSON **json, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {0};

	call->allow_private = youtube->allow_private;
	if (youtube->publication != NULL)
		call->reporter = youtube->publication->reporter;
	call->from = call->to = youtube->fraction;
	call->step = youtube->step;
	if (!account_call(youtube->account, call, &answer, err))
		return false;
	youtube->now = answer_time(&answer.answer);
	if (answer.answer.status < 200 || answer.answer.status > 299)
		return youtube_error(&answer, what, err);
	if (json != NULL)
	{
		*json = answer.json;
		answer.json = NULL;
	}
	return true;
}

bool
youtube_may_pass(const Error *err, int tries, double *pause)
{
	if ((err->class != ERROR_TRANSIENT && err->class != ERROR_RATE_LIMITED) ||
		tries >= TRIES_MOST || err->retry_after > PAUSE_MOST)
		return false;
	*pause = clock_backoff(tries, PAUSE_FIRST, PAUSE_MOST);
	if (*pause < err->retry_after)
		*pause = err->retry_after;
	return true;
}

bool
youtube_must_stop(const Error *err)
{
	return err->class == ERROR_LOST || err->class == ERROR_TRANSIENT ||
		   err->class == ERROR_RATE_LIMITED;
}

bool
youtube_wait(YouTube *youtube, double seconds, Error *err)
{
	const struct timespec moment = {.tv_nsec = LOOK_UP_MILLIS * 1000000L};
	double until = clock_seconds() + seconds;

	do
	{
		if (youtube->publication != NULL &&
			!publication_progress(youtube->publication, youtube->fraction, youtube->step,
								  err))
			return false;
		nanosleep(&moment, NULL);
	} while (clock_seconds() < until);
	return true;
}

bool
youtube_ask(YouTube *youtube, Call *call, const char *what, cJSON **json, Error *err)
{
	for (int tries = 1;; tries++)
	{
		double pause;

		*err = (Error){.class = ERROR_NONE};
		if (youtube_request(youtube, call, what, json, err))
			return true;
		if (!youtube_may_pass(err, tries, &pause))
			return false;
		if (!youtube_wait(youtube, pause, err))
			return false;
	}
}

bool
youtube_get(YouTube *youtube, const char *path, const char *const *query,
			const char *what, cJSON **json, Error *err)
{
	CLEANUP(buffer) Buffer url;
	Call call;

	buffer_init(&url);
	youtube_url(&url, youtube->api, path, query);
	call = CALL("GET", url.data);
	if (!youtube_ask(youtube, &call, what, json, err))
		return false;
	return *json != NULL || error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
									  "YouTube answered to %s without JSON", what);
}

bool
youtube_save(YouTube *youtube, Error *err)
{
	return publication_save(youtube->publication, youtube->state, err);
}

cJSON *
youtube_object(cJSON *parent, const char *key)
{
	cJSON *object = cJSON_GetObjectItemCaseSensitive(parent, key);

	if (cJSON_IsObject(object))
		return object;
	object = cJSON_CreateObject();
	json_put(parent, key, object);
	return object;
}

cJSON *
youtube_done(YouTube *youtube)
{
	return youtube_object(youtube->state, "done");
}
