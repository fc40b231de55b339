/*
 * net/json_post.h
 *	  A JSON document sent to a service of the operator, and the JSON it answers.
 */
#ifndef LEAP_NET_JSON_POST_H
#define LEAP_NET_JSON_POST_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/report.h"

typedef struct JsonPost
{
	const char *url;
	const char *body; /* JSON */
	const char *key;  /* NULL: asked without Authorization. A secret */
	bool bare_key;    /* "Authorization: KEY" instead of "Bearer KEY" */
	long seconds;     /* for the whole exchange */
	bool allow_private_addresses;
	const Reporter *reporter; /* asked whether to go on; may be NULL */
	double fraction;          /* how far the task is meanwhile */
	const char *step;
} JsonPost;

/*
 * Sends it once. *answer is the document of a status 200 to 299, owned by the caller.
 *
 * Refusals, with the status in err->status: 401 and 403 credential, key_refused; 402, and 429
 * that tells of a used-up quota, quota, provider_quota; 429 and 503 with Retry-After
 * rate_limited; 408, 409, 425, 5xx and broken connections transient; a redirect permanent,
 * redirected; other statuses permanent, request_refused, or context_exceeded where the
 * service says that the text was too long for its model. A body that is no JSON or is larger
 * than 8 MB is transient, bad_answer. Stopped by the reporter: lost, cancelled.
 */
bool json_post(const JsonPost *post, cJSON **answer, Error *err);

#endif
