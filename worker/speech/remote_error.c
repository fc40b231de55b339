/*
 * speech/remote_error.c
 *	  What it means when a service refuses, and whether it is asked again.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "net/mail_text.h"
#include "speech/remote.h"

#define SHOWN_MOST 240 /* bytes of what a service says */

/* The first row that holds the status. */
static const struct
{
	int first, last;
	ErrorClass class;
	const char *code;
	const char *hint;
} statuses[] = {
	{300, 399, ERROR_PERMANENT,    "provider_redirect",
	 "Redirects are not followed, as the key would go along: set base_url to where it "
	 "leads."																		 },
	{401, 401, ERROR_CREDENTIAL,   "provider_key",
	 "Put the right key into the file of --provider-keys and start the workers again."},
	{402, 402, ERROR_QUOTA,        "provider_quota",
	 "Pay the provider, or name another one in transcription.provider."               },
	{403, 403, ERROR_CREDENTIAL,   "provider_key",
	 "The key may not do this: give it the right to, or use another one."             },
	{404, 404, ERROR_PERMANENT,    "provider_missing",
	 "Check base_url and model by leap.set_provider()."                               },
	{408, 409, ERROR_TRANSIENT,    "provider_busy",     NULL                          },
	{413, 413, ERROR_INPUT,        "too_large",
	 "Lower max_bytes or chunk_seconds of the provider."                              },
	{415, 415, ERROR_INPUT,        "provider_format",
	 "Set upload_format of the provider to mp3 or wav."                               },
	{425, 425, ERROR_TRANSIENT,    "provider_busy",     NULL                          },
	{429, 429, ERROR_RATE_LIMITED, "rate_limited",      NULL                          },
	{400, 499, ERROR_PERMANENT,    "provider_refused",
	 "Check model, language and upload_format of the provider."                       },
	{500, 599, ERROR_TRANSIENT,    "provider_failed",   NULL                          },
	{0,   999, ERROR_TRANSIENT,    "bad_answer",        NULL                          },
};

/* Takes the key out of a text. */
static void
hide_key(char *text, const char *key)
{
	size_t length = key != NULL ? strlen(key) : 0;

	if (length < 4)
		return;
	for (char *at = strstr(text, key); at != NULL; at = strstr(at, key))
		memset(at, '*', length);
}

/* What a service says for people, as one line. */
static void
explain(const Remote *remote, const Ask *ask, char *text, size_t size)
{
	static const char *const places[] = {"error.message", "error", "message", "detail",
										 "error_message"};
	CLEANUP(json) cJSON *json = NULL;
	CLEANUP(buffer) Buffer clean;
	CLEANUP(free) char *copy = NULL;
	const char *said = NULL;

	buffer_init(&clean);
	if (json_parse(ask->body.data, ask->body.length, "answer", &json, NULL))
		for (size_t i = 0; said == NULL && i < sizeof places / sizeof places[0]; i++)
			said = json_text(json, places[i], NULL);
	/* the key goes before the text is cut: a part of it is secret, too */
	copy = said != NULL ? strdup(said)
						: strndup(ask->body.data,
								  ask->body.length < 4096 ? ask->body.length : 4096);
	if (copy == NULL)
		return;
	hide_key(copy, remote->request->key);
	mail_put_clean(&clean, copy);
	snprintf(text, size, "%.*s", SHOWN_MOST, clean.data);
}

/* OpenAI says 429 also when the money is used up. */
static bool
is_quota(const Ask *ask)
{
	CLEANUP(json) cJSON *json = NULL;

	if (!json_parse(ask->body.data, ask->body.length, "answer", &json, NULL))
		return false;
	return strcmp(json_text(json, "error.code", ""), "insufficient_quota") == 0 ||
		   strcmp(json_text(json, "error.type", ""), "insufficient_quota") == 0;
}

bool
remote_judge(const Remote *remote, const Ask *ask, Error *err)
{
	char text[SHOWN_MOST + 8] = "";
	int status = ask->answer.status;
	size_t row = 0;

	if (!ask->answered)
	{
		if (err != NULL)
			*err = ask->err;
		return false;
	}
	if (status >= 200 && status <= 299)
		return true;
	while (status < statuses[row].first || status > statuses[row].last)
		row++;
	explain(remote, ask, text, sizeof text);
	if (is_quota(ask))
		error_set(err, ERROR_QUOTA, "provider_quota",
				  "Pay the provider, or name another one in transcription.provider.",
				  "%s answered %d: %s", remote->shown, status, text);
	else
		error_set(err, statuses[row].class, statuses[row].code, statuses[row].hint,
				  "%s answered %d: %s", remote->shown, status, text);
	if (err != NULL)
	{
		err->status = status;
		err->retry_after = ask->answer.retry_after;
	}
	return false;
}

bool
remote_again(const Remote *remote, int tries, Error *err, double *pause)
{
	if (err->class != ERROR_TRANSIENT && err->class != ERROR_RATE_LIMITED)
		return false;
	if (err->retry_after > REMOTE_LONGEST_PAUSE)
	{
		err->class = ERROR_RATE_LIMITED;
		return false;
	}
	*pause = fmax(err->retry_after, clock_backoff(tries, 1, 32));
	return tries < remote->attempts;
}
