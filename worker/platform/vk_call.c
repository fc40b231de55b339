/*
 * platform/vk_call.c
 *	  Calls of VK's API. Every answer has status 200; what went wrong is a number in it.
 */
#include "platform/vk_call.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"
#include "net/endpoint.h"

#define VK_API     "https://api.vk.com/method"
#define VK_VERSION "5.199"

#define CALL_EVERY   0.34 /* seconds: three a second and token */
#define TOO_MANY     6
#define TRIES        5 /* of a call that is one too many, or that is the service's own trouble */
#define SAID_SIZE    208
#define HOUR         3600
#define UPLOAD_QUIET 300 /* the server may think for a while about a large file */

typedef enum Next
{
	NEXT_FAIL,
	NEXT_AGAIN, /* after a moment, some times */
	NEXT_TOKEN  /* with a new token, once */
} Next;

#define HINT_SIGN_IN                                                                 \
	"Sign in to VK with this account in a browser, answer what it asks there, then " \
	"check "                                                                         \
	"the credential (leap credential check)."
#define HINT_CONNECT \
	"Connect the account again, and allow videos and, for posts, the wall."
#define HINT_RIGHT                                                                   \
	"The account must own what is named, or be an editor of the community; look at " \
	"group_id and album_id of the preset."

/* Of class credential is only what is wrong with the token or its account: that stops all
 * tasks of it. */
static const struct
{
	int code;
	Next next;
	ErrorClass class;
	const char *word;
	double retry_after;
	const char *hint;
} refusals[] = {
	{1,				NEXT_AGAIN, ERROR_TRANSIENT,    "server_error",       0,        NULL        },
	{5,				NEXT_TOKEN, ERROR_CREDENTIAL,   "token_refused",      0,        HINT_CONNECT},
	{TOO_MANY,         NEXT_AGAIN, ERROR_RATE_LIMITED, "rate_limited",       60,       NULL        },
	{7,				NEXT_FAIL,  ERROR_PERMANENT,    "permission_missing", 0,        HINT_CONNECT},
	{9,				NEXT_FAIL,  ERROR_RATE_LIMITED, "flood_control",      HOUR,     NULL        },
	{10,			   NEXT_AGAIN, ERROR_TRANSIENT,    "server_error",       0,        NULL        },
	{14,			   NEXT_FAIL,  ERROR_CREDENTIAL,   "captcha_needed",     0,        HINT_SIGN_IN},
	{VK_ACCESS_DENIED, NEXT_FAIL,  ERROR_PERMANENT,    "access_denied",      0,        HINT_RIGHT  },
	{17,			   NEXT_FAIL,  ERROR_CREDENTIAL,   "validation_needed",  0,        HINT_SIGN_IN},
	{18,			   NEXT_FAIL,  ERROR_CREDENTIAL,   "account_unusable",   0,        HINT_SIGN_IN},
	{20,			   NEXT_FAIL,  ERROR_PERMANENT,    "permission_missing", 0,        HINT_CONNECT},
	{21,			   NEXT_FAIL,  ERROR_PERMANENT,    "permission_missing", 0,        HINT_CONNECT},
	{24,			   NEXT_FAIL,  ERROR_CREDENTIAL,   "validation_needed",  0,        HINT_SIGN_IN},
	{25,			   NEXT_FAIL,  ERROR_CREDENTIAL,   "validation_needed",  0,        HINT_SIGN_IN},
	{27,			   NEXT_TOKEN, ERROR_CREDENTIAL,   "token_refused",      0,        HINT_CONNECT},
	{28,			   NEXT_TOKEN, ERROR_CREDENTIAL,   "token_refused",      0,        HINT_CONNECT},
	{29,			   NEXT_FAIL,  ERROR_RATE_LIMITED, "platform_quota",     6 * HOUR,
	 "VK counts some methods by the day."														  },
	{43,			   NEXT_FAIL,  ERROR_TRANSIENT,    "server_error",       0,        NULL        },
	{100,			  NEXT_FAIL,  ERROR_PERMANENT,    "request_refused",    0,
	 "VK does not take a setting of the preset; the message names it."                             },
	{200,			  NEXT_FAIL,  ERROR_PERMANENT,    "access_denied",      0,        HINT_RIGHT  },
	{203,			  NEXT_FAIL,  ERROR_PERMANENT,    "access_denied",      0,        HINT_RIGHT  },
	{VK_VIDEO_DENIED,  NEXT_FAIL,  ERROR_PERMANENT,    "access_denied",      0,        HINT_RIGHT  },
	{214,			  NEXT_FAIL,  ERROR_PERMANENT,    "wall_refused",       0,
	 "The account must be allowed to write to the wall; look at group_id of the preset."           },
	{3300,			 NEXT_FAIL,  ERROR_CREDENTIAL,   "captcha_needed",     0,        HINT_SIGN_IN},
	{3301,			 NEXT_FAIL,  ERROR_CREDENTIAL,   "validation_needed",  0,        HINT_SIGN_IN},
	{3302,			 NEXT_FAIL,  ERROR_CREDENTIAL,   "validation_needed",  0,        HINT_SIGN_IN},
	{3303,			 NEXT_FAIL,  ERROR_CREDENTIAL,   "validation_needed",  0,        HINT_SIGN_IN},
	{3304,			 NEXT_FAIL,  ERROR_CREDENTIAL,   "validation_needed",  0,        HINT_SIGN_IN},
	{3609,			 NEXT_TOKEN, ERROR_CREDENTIAL,   "token_refused",      0,        HINT_CONNECT},
	{3610,			 NEXT_FAIL,  ERROR_CREDENTIAL,   "account_unusable",   0,        HINT_SIGN_IN},
};

#define REFUSALS (sizeof refusals / sizeof refusals[0])

Vk
vk_of(const Publication *publication)
{
	return (Vk){.account = publication->account,
				.endpoints = publication->endpoints,
				.allow_private = publication->allow_private_addresses ||
								 endpoint_is_set(publication->endpoints),
				.reporter = publication->reporter};
}

void
vk_text(VkForm *form, const char *name, const char *value)
{
	if (value != NULL && form->count < VK_FIELDS)
		form->parts[form->count++] = (CallPart){.name = name, .value = value, .fd = -1};
}

void
vk_number(VkForm *form, const char *name, int64_t value)
{
	if (form->count >= VK_FIELDS)
		return;
	snprintf(form->numbers[form->count], sizeof form->numbers[0], "%lld",
			 (long long) value);
	vk_text(form, name, form->numbers[form->count]);
}

void
vk_flag(VkForm *form, const char *name, const cJSON *value)
{
	if (cJSON_IsBool(value))
		vk_text(form, name, cJSON_IsTrue(value) ? "1" : "0");
}

bool
vk_rest(const Vk *vk, double seconds, Error *err)
{
	return report_wait(vk->reporter, seconds, 0, "waiting for VK", err);
}

static size_t
place_of(int code)
{
	size_t i = 0;

	while (i < REFUSALS && refusals[i].code != code)
		i++;
	return i;
}

static bool
refused(const char *method, const cJSON *error, Error *err)
{
	int code = (int) json_number(error, "error_code", 0);
	size_t place = place_of(code);
	char words[SAID_SIZE];

	utf8_line(json_text(error, "error_msg", "no reason given"), words, sizeof words);
	error_set(err, place < REFUSALS ? refusals[place].class : ERROR_PERMANENT,
			  place < REFUSALS ? refusals[place].word : "request_refused",
			  place < REFUSALS
				  ? refusals[place].hint
				  : "Look at the settings of the preset; what VK said is in the message.",
			  "VK refused %s with error %d: %s", method, code, words);
	if (err != NULL && place < REFUSALS)
		err->retry_after = refusals[place].retry_after;
	return false;
}

/* VK's own answers have status 200: another one comes from its trouble, or from what stands
 * before it. */
static bool
answered_otherwise(const CallAnswer *answer, const char *method, Error *err)
{
	Error own = {0};

	answer_error(&answer->answer, "the API of VK", &own);
	if (own.class == ERROR_PERMANENT || own.class == ERROR_INPUT)
		return error_set(
			err, ERROR_PERMANENT, "request_refused",
			"Something else than VK's API answers: look at the endpoint \"api\" "
			"of vk, and at what stands before it (a proxy, a block).",
			"VK answered %s with status %d", method, answer->answer.status);
	if (err != NULL)
		*err = own;
	return false;
}

/* One request. True when the API said something, be it a refusal. */
static bool
request(Vk *vk, const char *method, const VkForm *form, CallAnswer *answer, Error *err)
{
	const char *token;
	char url[512];
	char header[ACCOUNT_HEADER_SIZE];
	const char *const headers[] = {header, NULL};
	double early = vk->called_at + CALL_EVERY - clock_seconds();
	Call call;
	bool answered;

	if ((vk->called_at > 0 && early > 0 && !vk_rest(vk, early, err)) ||
		!account_token(vk->account, &token, err))
		return false;
	snprintf(url, sizeof url, "%s/%s", endpoint_of(vk->endpoints, "api", VK_API), method);
	snprintf(header, sizeof header, "Authorization: Bearer %s", token);
	call = CALL("POST", url);
	call.headers = headers;
	call.parts = form->parts;
	call.allow_private = vk->allow_private;
	call.reporter = vk->reporter;
	call.step = "asking VK";
	answered = call_run(&call, answer, err);
	explicit_bzero(header, sizeof header);
	vk->called_at = clock_seconds();
	if (!answered)
		return false;
	if (answer->answer.status != 200)
		return answered_otherwise(answer, method, err);
	return cJSON_IsObject(answer->json) ||
		   error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
					 "VK answered %s with something that is no JSON", method);
}

bool
vk_call(Vk *vk, const char *method, const VkForm *form, cJSON **response, Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
	VkForm whole = *form;
	bool fresh = false;

	/* the copy's numbers stand in the copy */
	for (size_t i = 0; i < whole.count; i++)
		if (form->parts[i].value == form->numbers[i])
			whole.parts[i].value = whole.numbers[i];
	vk_text(&whole, "v", VK_VERSION);
	for (int tries = 1;; tries++)
	{
		const cJSON *error;
		size_t place;

		vk->code = 0;
		if (!request(vk, method, &whole, &answer, err))
			return false;
		error = json_at(answer.json, "error");
		if (error == NULL)
			break;
		vk->code = (int) json_number(error, "error_code", 0);
		place = place_of(vk->code);
		if (place < REFUSALS && refusals[place].next == NEXT_TOKEN && !fresh)
		{
			fresh = true;
			if (!account_refresh(vk->account, err))
				return false;
		}
		else if (place < REFUSALS && refusals[place].next == NEXT_AGAIN && tries < TRIES)
		{
			if (!vk_rest(vk, clock_backoff(tries, 0.5, 4), err))
				return false;
		}
		else
			return refused(method, error, err);
	}
	if (response != NULL)
	{
		*response = cJSON_DetachItemFromObjectCaseSensitive(answer.json, "response");
		return *response != NULL ||
			   error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
						 "VK answered %s without a response", method);
	}
	return true;
}

/* The servers that take files say it in their own way, with one status or another. */
static bool
upload_refused(const CallAnswer *answer, const char *step, Error *err)
{
	char words[SAID_SIZE];

	if (answer->answer.status >= 500 || answer->answer.status == 429)
		return answer_error(&answer->answer, "the server of VK that takes files", err);
	utf8_line(json_text(answer->json, "error_descr",
						json_text(answer->json, "error", "no reason given")),
			  words, sizeof words);
	return error_set(err, ERROR_PERMANENT, "upload_refused",
					 "Retry: VK gives another address. If it refuses again, look whether "
					 "VK takes this file by hand.",
					 "VK refused a file (%s) with status %d: %s", step,
					 answer->answer.status, words);
}

bool
vk_send(Vk *vk, const char *url, const CallPart *file, double from, double to,
		const char *step, cJSON **answer, Error *err)
{
	CLEANUP(call_answer) CallAnswer got = {.json = NULL};
	const CallPart parts[] = {*file, {.name = NULL}};
	Call call = CALL("POST", url);

	call.shown = "the address VK gave for the file";
	call.parts = parts;
	call.throughput = vk->throughput;
	call.allow_private = vk->allow_private;
	call.quiet_seconds = UPLOAD_QUIET;
	call.reporter = vk->reporter;
	call.from = from;
	call.to = to;
	call.step = step;
	if (!call_run(&call, &got, err))
		return false;
	if (got.answer.status != 200 || !cJSON_IsObject(got.json) ||
		json_at(got.json, "error") != NULL || json_at(got.json, "error_code") != NULL)
		return upload_refused(&got, step, err);
	*answer = got.json;
	got.json = NULL;
	return true;
}
