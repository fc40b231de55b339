/* sources: platform/youtube_error.c net/answer.c base/error.c base/utf8.c base/json.c base/clock.c */
/* libs: libcurl libcjson -lm */
/*
 * tests/unit/test_youtube_error.c
 *	  What YouTube's refusals mean for a task, and when its day ends.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "platform/youtube_error.h"
#include "tap.h"

/* An answer of that status with that body. */
static CallAnswer
answer_of(int status, const char *body)
{
	CallAnswer answer = {0};

	answer_clear(&answer.answer);
	answer.answer.status = status;
	answer.json = cJSON_Parse(body);
	return answer;
}

/* One as the API gives it. */
static CallAnswer
refusal(int status, const char *reason)
{
	char body[512];

	snprintf(body, sizeof body,
			 "{\"error\":{\"code\":%d,\"message\":\"You have <a href=\\\"/q\\\">used "
			 "up</a> it.\",\"errors\":[{\"domain\":\"youtube.x\",\"reason\":\"%s\","
			 "\"message\":\"m\"}]}}",
			 status, reason);
	return answer_of(status, body);
}

static void
test_reasons(void)
{
	static const struct
	{
		int status;
		const char *reason;
		ErrorClass class;
		const char *code;
		const char *names; /* what the message names beside the reason */
	} rows[] = {
		{403, "quotaExceeded",                     ERROR_RATE_LIMITED, "platform_quota",     "begin"          },
		{403, "dailyLimitExceeded",                ERROR_RATE_LIMITED, "platform_quota",     "begin"          },
		{400, "uploadLimitExceeded",               ERROR_RATE_LIMITED, "upload_limit",       "begin"          },
		{403, "rateLimitExceeded",                 ERROR_RATE_LIMITED, "rate_limited",       "begin"          },
		{403, "userRateLimitExceeded",             ERROR_RATE_LIMITED, "rate_limited",       "begin"          },
		{429, "uploadRateLimitExceeded",           ERROR_RATE_LIMITED, "rate_limited",       "begin"          },
		{401, "authError",                         ERROR_CREDENTIAL,   "token_refused",      "begin"          },
		{401, "youtubeSignupRequired",             ERROR_CREDENTIAL,   "no_channel",         "begin"          },
		{403, "forbidden",                         ERROR_PERMANENT,    "access_denied",      "begin"          },
		{403, "insufficientPermissions",           ERROR_CREDENTIAL,   "permission_missing", "begin"          },
		{403, "authenticatedUserAccountSuspended", ERROR_CREDENTIAL,   "channel_unusable",
		 "begin"																							  },
		{400, "invalidTitle",                      ERROR_INPUT,        "metadata_refused",   "the title"      },
		{400, "invalidDescription",                ERROR_INPUT,        "metadata_refused",   "the description"},
		{400, "invalidTags",                       ERROR_INPUT,        "metadata_refused",   "the tags"       },
		{400, "invalidCategoryId",                 ERROR_INPUT,        "metadata_refused",   "category_id"    },
		{400, "invalidPublishAt",                  ERROR_INPUT,        "metadata_refused",   "publish_at"     },
		{400, "invalidVideoMetadata",              ERROR_INPUT,        "metadata_refused",   "category_id"    },
		{403, "forbiddenPrivacySetting",           ERROR_INPUT,        "setting_refused",    "privacy"        },
		{403, "forbiddenLicenseSetting",           ERROR_INPUT,        "setting_refused",    "license"        },
		{404, "videoNotFound",                     ERROR_PERMANENT,    "published_gone",     "begin"          },
		{403, "accessNotConfigured",               ERROR_PERMANENT,    "api_disabled",       "begin"          },
		{500, "internalError",                     ERROR_TRANSIENT,    "server_error",       "begin"          },
		{503, "backendError",                      ERROR_TRANSIENT,    "server_error",       "begin"          },
		{400, "somethingNew",                      ERROR_PERMANENT,    "request_refused",    "begin"          },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		CLEANUP(json) cJSON *body = NULL;
		CallAnswer answer = refusal(rows[i].status, rows[i].reason);
		Error err = {0};

		body = answer.json;
		youtube_error(&answer, "begin the upload", &err);
		ok(err.class == rows[i].class && strcmp(err.code, rows[i].code) == 0 &&
			   err.status == rows[i].status &&
			   strstr(err.message, rows[i].names) != NULL &&
			   strstr(err.message, rows[i].reason) != NULL &&
			   strchr(err.message, '<') == NULL,
		   "%s: %s, %s", rows[i].reason, err.code, err.message);
	}
}

static void
test_no_reason(void)
{
	static const struct
	{
		int status;
		double retry_after;
		ErrorClass class;
	} rows[] = {
		{401, 0, ERROR_CREDENTIAL  },
        {403, 0, ERROR_PERMANENT   },
		{429, 7, ERROR_RATE_LIMITED},
        {503, 9, ERROR_RATE_LIMITED},
		{503, 0, ERROR_TRANSIENT   },
        {502, 0, ERROR_TRANSIENT   },
		{408, 0, ERROR_TRANSIENT   },
        {400, 0, ERROR_PERMANENT   },
		{302, 0, ERROR_PERMANENT   },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		CallAnswer answer = answer_of(rows[i].status, "no JSON");
		Error err = {0};

		answer.answer.retry_after = rows[i].retry_after;
		youtube_error(&answer, "x", &err);
		ok(err.class == rows[i].class &&
			   fabs(err.retry_after - rows[i].retry_after) < 1e-9,
		   "status %d is %s", rows[i].status, error_class_name(err.class));
	}
}

static void
test_scope(void)
{
	CallAnswer answer = answer_of(
		403, "{\"error\":{\"code\":403,\"message\":\"Request had insufficient "
			 "authentication scopes.\",\"errors\":[{\"reason\":\"forbidden\"}],"
			 "\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\","
			 "\"reason\":\"ACCESS_TOKEN_SCOPE_INSUFFICIENT\"}]}}");
	CLEANUP(json) cJSON *body = answer.json;
	char reason[64];

	youtube_reason(&answer, reason, sizeof reason);
	is_str(reason, "insufficientPermissions", "a missing scope in its newer form");
}

static void
test_pauses(void)
{
	CallAnswer answer = refusal(403, "quotaExceeded");
	CLEANUP(json) cJSON *body = answer.json;
	CLEANUP(json) cJSON *limit = NULL;
	Error err = {0};

	snprintf(answer.answer.date, sizeof answer.answer.date,
			 "Thu, 15 Jan 2026 12:00:00 GMT");
	youtube_error(&answer, "x", &err);
	ok(err.retry_after >= 72000 && err.retry_after <= 72000 + 300,
	   "a used-up quota waits for the Pacific midnight by the server's clock: %g",
	   err.retry_after);
	answer = refusal(400, "uploadLimitExceeded");
	limit = answer.json;
	youtube_error(&answer, "x", &err);
	ok(fabs(err.retry_after - 86400) < 1e-9, "the limit of uploads waits for a day");
}

/* The same by the system's time zones; false when it has none. */
static bool
by_system(int64_t now, int64_t *left)
{
	time_t moment = (time_t) now;
	struct tm local;

	localtime_r(&moment, &local);
	local.tm_mday++;
	local.tm_hour = local.tm_min = local.tm_sec = 0;
	local.tm_isdst = -1;
	*left = (int64_t) mktime(&local) - now;
	return local.tm_zone != NULL && local.tm_zone[0] == 'P';
}

static void
test_day(void)
{
	static const struct
	{
		int64_t now, left;
		const char *what;
	} rows[] = {
		{1768478400, 72000, "in winter"                         }, /* 2026-01-15 12:00 */
		{1782907200, 68400, "in summer"                         }, /* 2026-07-01 12:00 */
		{1772960400, 79200, "in the night that is an hour short"}, /* 2026-03-08 09:00 */
		{1793520000, 86400, "in the night that is an hour long" }, /* 2026-11-01 08:00 */
		{1768463999, 1,     "a second before midnight"          },
		{1768464000, 86400, "at midnight"                       },
	};
	int wrong = 0;
	int64_t left;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int((long long) youtube_day_left(rows[i].now), rows[i].left, rows[i].what);
	(void) setenv("TZ", "America/Los_Angeles", 1);
	tzset();
	for (int64_t now = 1704067200; now < 1893456000; now += 1801)
		if (by_system(now, &left))
			wrong += (int64_t) youtube_day_left(now) != left;
	is_int(wrong, 0, "as the system's time zones have it, from 2024 to 2029");
}

int
main(void)
{
	test_reasons();
	test_no_reason();
	test_scope();
	test_pauses();
	test_day();
	return done_testing();
}
