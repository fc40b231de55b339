/*
 * source/platform_get.c
 *	  Questions to the interface of a platform.
 */
#include "source/platform_get.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "net/account.h"
#include "source/moment.h"
#include "source/name.h"

#define SECONDS_MOST    120
#define WAITS_MOST      5
#define WAIT_SECONDS    5.0 /* more is not waited for here */
#define DAY             86400.0
#define LIMIT_OTHERWISE 60.0
#define RETRY_MOST      (31 * DAY)

void
platform_escape(Buffer *url, const char *text)
{
	for (; *text != '\0'; text++)
	{
		if (isalnum((unsigned char) *text) || strchr("-._~", *text) != NULL)
			buffer_append(url, text, 1);
		else
			buffer_printf(url, "%%%02X", (unsigned int) (unsigned char) *text);
	}
}

/* The server's clock, else ours. */
static double
server_time(const CallAnswer *answer)
{
	double then = moment_read(answer->answer.date);

	return then >= 0 ? then : (double) time(NULL);
}

/*
 * Seconds until one may ask again. Retry-After may be a date as in JSON, too; a daily limit
 * without it ends at midnight, UTC; others end within a second, if nothing says otherwise.
 */
static double
seconds_to_wait(const CallAnswer *answer)
{
	char text[100];
	const char *kind = "";
	double then = -1;
	double seconds = answer->answer.retry_after;

	if (call_header(answer, "Retry-After", text, sizeof text) != NULL &&
		strchr(text, '-') != NULL)
		then = moment_read(text);
	if (then >= 0)
		seconds = then - server_time(answer);
	else if (seconds <= 0)
	{
		kind = call_header(answer, "X-RateLimit-Type", text, sizeof text);
		if (kind == NULL)
			kind = json_text(answer->json, "message", "");
		if (strcasestr(kind, "daily") != NULL)
			seconds = DAY - fmod(server_time(answer), DAY);
		else
			seconds = kind[0] != '\0' ? 1 : LIMIT_OTHERWISE;
	}
	return seconds < 1 ? 1 : seconds > RETRY_MOST ? RETRY_MOST : seconds;
}

static bool
limited(const CallAnswer *answer, double seconds, Error *err)
{
	char said[NAME_SIZE];

	name_tidy(json_text(answer->json, "message", "too many requests"), said);
	error_set(err, ERROR_RATE_LIMITED, "rate_limited", NULL, "the platform says: %.300s",
			  said);
	if (err != NULL)
		err->retry_after = seconds;
	return false;
}

static bool
wait_for(const SourceQuery *query, double seconds, Error *err)
{
	return report_wait(query->reporter, seconds, 0, "waiting", err);
}

static bool
ask_once(const PlatformGet *get, const char *url, CallAnswer *answer, Error *err)
{
	const SourceQuery *query = get->query;
	static const char *const headers[] = {"Accept: application/json", NULL};
	Call call = CALL("GET", url);

	call.headers = headers;
	call.allow_private = query->allow_private_addresses;
	call.total_seconds = SECONDS_MOST;
	call.reporter = query->reporter;
	call.step = "asking";
	return query->account != NULL ? account_call(query->account, &call, answer, err)
								  : call_run(&call, answer, err);
}

bool
platform_get(const PlatformGet *get, const char *url, cJSON **json, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {0};

	for (int waits = 0;; waits++)
	{
		double seconds;

		if (!ask_once(get, url, &answer, err))
			return false;
		if (answer.answer.status != 429)
			break;
		seconds = seconds_to_wait(&answer);
		if (seconds > WAIT_SECONDS || waits == WAITS_MOST)
			return limited(&answer, seconds, err);
		log_info("the platform asks to wait %.0f s", seconds);
		if (!wait_for(get->query, seconds, err))
			return false;
	}
	if (answer.answer.status >= 300)
		return get->refuse(&answer, url, err);
	if (!cJSON_IsObject(answer.json))
		return error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
						 "the platform answered with something else than JSON");
	*json = answer.json;
	answer.json = NULL;
	return true;
}
