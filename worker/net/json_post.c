/*
 * net/json_post.c
 *	  A JSON document sent to a service of the operator, and the JSON it answers.
 *
 * The key goes to the host of the URL and nowhere else: redirects are not followed, and no
 * message names it.
 */
#include "net/json_post.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "net/call.h"
#include "net/url.h"

#define SAID_WIDTH 200 /* bytes of a service's own words in a message */

/* What a status means; the first row that holds it. */
static const struct
{
	int first, last;
	ErrorClass class;
	const char *code;
	const char *hint;
} statuses[] = {
	{300, 399, ERROR_PERMANENT,    "redirected",
	 "Redirects are not followed: give the provider the URL they lead to."                },
	{401, 401, ERROR_CREDENTIAL,   "key_refused",
	 "Check the provider's key in the file of provider keys."                             },
	{402, 402, ERROR_QUOTA,        "provider_quota",  "Check the account at the provider."},
	{403, 403, ERROR_CREDENTIAL,   "key_refused",
	 "Check the provider's key in the file of provider keys."                             },
	{408, 409, ERROR_TRANSIENT,    "provider_busy",   NULL                                },
	{425, 425, ERROR_TRANSIENT,    "provider_busy",   NULL                                },
	{429, 429, ERROR_RATE_LIMITED, "rate_limited",    NULL                                },
	{500, 599, ERROR_TRANSIENT,    "provider_failed", NULL                                },
	{0,   999, ERROR_PERMANENT,    "request_refused",
	 "Check base_url, model and settings of the provider."                                },
};

/* The service's own words: {"error":{"message","code","type"}}, or {"error":"..."}. */
static void
read_said(const cJSON *json, char *said, size_t size, const char **code)
{
	const char *message = json_text(json, "error.message", json_text(json, "error", ""));
	size_t length = strlen(message) < size ? strlen(message) : size - 1;

	while (length > 0 && (message[length] & 0xC0) == 0x80)
		length--;
	snprintf(said, size, "%.*s", (int) length, message);
	for (char *at = said; *at != '\0'; at++)
		if ((unsigned char) *at < 0x20 || *at == 0x7F)
			*at = ' ';
	*code = json_text(json, "error.code", json_text(json, "error.type", ""));
}

static bool
judge_status(const Answer *answer, const cJSON *json, const char *origin, Error *err)
{
	char said[SAID_WIDTH];
	const char *code;
	size_t row = 0;

	read_said(json, said, sizeof said, &code);
	while (answer->status < statuses[row].first || answer->status > statuses[row].last)
		row++;
	error_set(err, statuses[row].class, statuses[row].code, statuses[row].hint,
			  "%s answered %d%s%s", origin, answer->status, said[0] != '\0' ? ": " : "",
			  said);
	if (err == NULL)
		return false;
	err->status = answer->status;
	err->retry_after = answer->retry_after;
	if (answer->status == 503 && answer->retry_after > 0)
		err->class = ERROR_RATE_LIMITED;
	if (answer->status == 429 && strcmp(code, "insufficient_quota") == 0)
	{
		err->class = ERROR_QUOTA;
		snprintf(err->code, sizeof err->code, "provider_quota");
		snprintf(err->hint, sizeof err->hint, "Check the account at the provider.");
	}
	if (answer->status == 400 && strcmp(code, "context_length_exceeded") == 0)
		snprintf(err->code, sizeof err->code, "context_exceeded");
	return false;
}

static bool
judge_answer(CallAnswer *got, const char *origin, cJSON **answer, Error *err)
{
	if (got->answer.status < 200 || got->answer.status > 299)
		return judge_status(&got->answer, got->json, origin, err);
	if (got->json == NULL)
		return error_set(
			err, ERROR_TRANSIENT, "bad_answer",
			"Check base_url of the provider: what answers there may be something "
			"else.",
			"%s answered %zu bytes that are no JSON", origin, got->body.length);
	*answer = got->json;
	got->json = NULL;
	return true;
}

bool
json_post(const JsonPost *post, cJSON **answer, Error *err)
{
	CLEANUP(buffer) Buffer authorization;
	CLEANUP(call_answer) CallAnswer got = {0};
	const char *headers[] = {"Content-Type: application/json", NULL, NULL};
	char origin[300];
	Call call = CALL("POST", post->url);

	*answer = NULL;
	buffer_init(&authorization);
	url_origin(post->url, origin, sizeof origin);
	if (post->key != NULL)
	{
		buffer_printf(&authorization, "Authorization: %s%s",
					  post->bare_key ? "" : "Bearer ", post->key);
		headers[1] = authorization.data;
	}
	call.shown = origin;
	call.headers = headers;
	call.body = post->body;
	call.body_length = strlen(post->body);
	call.allow_private = post->allow_private_addresses;
	call.quiet_seconds = call.total_seconds = post->seconds;
	call.reporter = post->reporter;
	call.from = call.to = post->fraction;
	call.step = post->step;
	return call_run(&call, &got, err) && judge_answer(&got, origin, answer, err);
}
