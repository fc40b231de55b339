/*
 * platform/youtube_error.c
 *	  What YouTube means by its refusals.
 */
#include "platform/youtube_error.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"

#define DAY       86400
#define HOUR      3600
#define SAID_MOST 200

/* Not all who wait for a new day come in its first second. */
#define DAY_BEGINS_WITHIN 300.0

typedef enum Pause
{
	PAUSE_AS_SAID, /* Retry-After, or the policy of tasks */
	PAUSE_QUOTA,   /* until the project's next day */
	PAUSE_DAY
} Pause;

#define HINT_TITLE "Change the recording's name or its title_template, then retry."
#define HINT_CHANNEL                                                                \
	"Sign in to YouTube with this account and look at its channel; then authorise " \
	"again."
#define HINT_PERMISSION                                                        \
	"Authorise the account again and allow everything that is asked for; the " \
	"scopes youtube.upload and youtube.force-ssl are needed."

#define HINT_SIZE "YouTube takes 256 GB a video: cut or compress it, then retry."
#define HINT_OWNER                                                                \
	"The channel must own what is named (video, playlist) and have the right to " \
	"what is asked; look at the preset and at the channel's features in YouTube Studio."

/* The reasons of developers.google.com/youtube/v3/docs/errors and .../core_errors that can
 * meet us. subject names the field that is at fault. Of class credential is only what is wrong
 * with the token or its account: that stops all tasks of it. */
static const struct
{
	const char *reason;
	ErrorClass class;
	const char *code;
	Pause pause;
	const char *subject;
	const char *hint;
} reasons[] = {
	{"quotaExceeded",                     ERROR_RATE_LIMITED, "platform_quota",     PAUSE_QUOTA,   NULL,
	 "The project's daily quota of the API is used up; Google raises it on request."																							   },
	{"dailyLimitExceeded",                ERROR_RATE_LIMITED, "platform_quota",     PAUSE_QUOTA,   NULL,
	 "The project's daily quota of the API is used up; Google raises it on request."																							   },
	{"uploadLimitExceeded",               ERROR_RATE_LIMITED, "upload_limit",       PAUSE_DAY,     NULL,
	 "The channel may upload no more videos today; a channel verified by telephone may "
	 "upload more."																																								},
	{"rateLimitExceeded",                 ERROR_RATE_LIMITED, "rate_limited",       PAUSE_AS_SAID, NULL,        NULL                                                               },
	{"userRateLimitExceeded",             ERROR_RATE_LIMITED, "rate_limited",       PAUSE_AS_SAID, NULL,
	 NULL																																										  },
	{"servingLimitExceeded",              ERROR_RATE_LIMITED, "rate_limited",       PAUSE_AS_SAID, NULL,
	 NULL																																										  },
	{"concurrentLimitExceeded",           ERROR_RATE_LIMITED, "rate_limited",       PAUSE_AS_SAID, NULL,
	 NULL																																										  },
	{"uploadRateLimitExceeded",           ERROR_RATE_LIMITED, "rate_limited",       PAUSE_AS_SAID, NULL,
	 NULL																																										  },

	{"authError",						 ERROR_CREDENTIAL,   "token_refused",      PAUSE_AS_SAID, NULL,
	 HINT_PERMISSION																																							   },
	{"expired",						   ERROR_CREDENTIAL,   "token_refused",      PAUSE_AS_SAID, NULL,        HINT_PERMISSION                                                    },
	{"authorizationRequired",             ERROR_CREDENTIAL,   "token_refused",      PAUSE_AS_SAID, NULL,
	 HINT_PERMISSION																																							   },
	{"insufficientPermissions",           ERROR_CREDENTIAL,   "permission_missing", PAUSE_AS_SAID,
	 NULL,																									  HINT_PERMISSION													},
	{"forbidden",						 ERROR_PERMANENT,    "access_denied",      PAUSE_AS_SAID, NULL,        HINT_OWNER                                                         },
	{"youtubeSignupRequired",             ERROR_CREDENTIAL,   "no_channel",         PAUSE_AS_SAID, NULL,
	 "Sign in to YouTube with this account and create a channel; then authorise again."																							},
	{"authenticatedUserNotChannel",       ERROR_CREDENTIAL,   "no_channel",         PAUSE_AS_SAID, NULL,
	 "Sign in to YouTube with this account and create a channel; then authorise again."																							},
	{"authenticatedUserAccountClosed",    ERROR_CREDENTIAL,   "channel_unusable",
	 PAUSE_AS_SAID,																				NULL,        HINT_CHANNEL													   },
	{"authenticatedUserAccountSuspended", ERROR_CREDENTIAL,   "channel_unusable",
	 PAUSE_AS_SAID,																				NULL,        HINT_CHANNEL													   },
	{"channelClosed",                     ERROR_CREDENTIAL,   "channel_unusable",   PAUSE_AS_SAID, NULL,
	 HINT_CHANNEL																																								  },
	{"channelSuspended",                  ERROR_CREDENTIAL,   "channel_unusable",   PAUSE_AS_SAID, NULL,
	 HINT_CHANNEL																																								  },
	{"channelNotFound",                   ERROR_CREDENTIAL,   "channel_unusable",   PAUSE_AS_SAID, NULL,
	 HINT_CHANNEL																																								  },
	{"accountDelegationForbidden",        ERROR_CREDENTIAL,   "channel_unusable",   PAUSE_AS_SAID,
	 NULL,																									  HINT_CHANNEL													   },

	{"invalidTitle",					  ERROR_INPUT,        "metadata_refused",   PAUSE_AS_SAID, "the title",
	 HINT_TITLE																																									},
	{"invalidDescription",                ERROR_INPUT,        "metadata_refused",   PAUSE_AS_SAID,
	 "the description",																						 "Change the description_template, then retry."                     },
	{"invalidTags",					   ERROR_INPUT,        "metadata_refused",   PAUSE_AS_SAID, "the tags",
	 "Change the tags, then retry."																																				},
	{"invalidCategoryId",                 ERROR_INPUT,        "metadata_refused",   PAUSE_AS_SAID,
	 "the category (category_id)",																			  "Choose a category that the channel's country has, such as \"27\"."},
	{"invalidPublishAt",                  ERROR_INPUT,        "metadata_refused",   PAUSE_AS_SAID,
	 "the time of publishing (publish_at)",																	 "A video that was public once cannot be scheduled again."          },
	{"invalidVideoMetadata",              ERROR_INPUT,        "metadata_refused",   PAUSE_AS_SAID,
	 "the description of the video (title, category_id, publish_at)",                                           HINT_TITLE                                                         },
	{"invalidLanguage",                   ERROR_INPUT,        "metadata_refused",   PAUSE_AS_SAID,
	 "the language (language)",																				 "Use a tag such as \"en\" or \"pt-BR\"."                           },
	{"unsupportedLanguageCode",           ERROR_INPUT,        "metadata_refused",   PAUSE_AS_SAID,
	 "the language (language)",																				 "Use a tag such as \"en\" or \"pt-BR\"."                           },
	{"defaultLanguageNotSet",             ERROR_INPUT,        "metadata_refused",   PAUSE_AS_SAID,
	 "texts in other languages without the language (language)",												"Set language in the preset."									  },
	{"forbiddenPrivacySetting",           ERROR_INPUT,        "setting_refused",    PAUSE_AS_SAID,
	 "the privacy (privacy)",																				   "Choose another in the preset, then retry."                        },
	{"forbiddenLicenseSetting",           ERROR_INPUT,        "setting_refused",    PAUSE_AS_SAID,
	 "the license (license)",																				   "Choose another in the preset, then retry."                        },
	{"forbiddenEmbedSetting",             ERROR_INPUT,        "setting_refused",    PAUSE_AS_SAID,
	 "the setting embeddable",																				  "Choose another in the preset, then retry."                        },
	{"uploadTooLarge",                    ERROR_INPUT,        "video_too_large",    PAUSE_AS_SAID,
	 "a video of this size",																					HINT_SIZE														  },

	{"videoNotFound",                     ERROR_PERMANENT,    "published_gone",     PAUSE_AS_SAID, NULL,
	 "The video is no longer on YouTube; publish it anew."																														 },
	{"accessNotConfigured",               ERROR_PERMANENT,    "api_disabled",       PAUSE_AS_SAID, NULL,
	 "Enable the YouTube Data API v3 in the project of the client id."																											 },

	{"internalError",                     ERROR_TRANSIENT,    "server_error",       PAUSE_AS_SAID, NULL,        NULL                                                               },
	{"backendError",					  ERROR_TRANSIENT,    "server_error",       PAUSE_AS_SAID, NULL,        NULL                                                               },
	{"notReady",						  ERROR_TRANSIENT,    "server_error",       PAUSE_AS_SAID, NULL,        NULL                                                               },
};

#define REASONS (sizeof reasons / sizeof reasons[0])

/* The place of a reason, REASONS for one that is not known. */
static size_t
place_of(const char *reason)
{
	size_t i = 0;

	while (i < REASONS && strcmp(reasons[i].reason, reason) != 0)
		i++;
	return i;
}

bool
youtube_knows(const char *reason)
{
	return place_of(reason) < REASONS;
}

/* The newer form of errors has a word of its own for a missing scope. */
static const cJSON *
scope_is_missing(const cJSON *json)
{
	const cJSON *detail;

	cJSON_ArrayForEach(
		detail,
		json_at(json, "error.details")) if (strcmp(json_text(detail, "reason", ""),
												   "ACCESS_TOKEN_SCOPE_INSUFFICIENT") ==
											0) return detail;
	return NULL;
}

void
youtube_reason(const CallAnswer *answer, char *reason, size_t size)
{
	const cJSON *errors = json_at(answer->json, "error.errors");
	const char *said = json_text(cJSON_GetArrayItem(errors, 0), "reason", "");

	if (scope_is_missing(answer->json) != NULL)
		said = "insufficientPermissions";
	/* the one word with two meanings: whoever is not signed in, and a missing member */
	else if (answer->answer.status == 401 && strcmp(said, "required") == 0)
		said = "authorizationRequired";
	snprintf(reason, size, "%.*s", (int) size - 1, said);
}

/* What YouTube said as one line without markup, cut between characters. */
static void
take_words(const char *text, char words[SAID_MOST + 8])
{
	size_t length = 0;
	bool markup = false;

	while (*text != '\0' && length < SAID_MOST)
	{
		uint32_t code = utf8_next(&text);

		if (code == '<')
			markup = true;
		if (!markup)
			length += utf8_put(code < ' ' || code == 0x7f ? ' ' : code, words + length);
		if (code == '>')
			markup = false;
	}
	words[length] = '\0';
}

/* Seconds since 1970 of a day in UTC. */
static int64_t
day_at(int year, int month, int day)
{
	struct tm moment = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};

	return (int64_t) timegm(&moment);
}

/* The nth Sunday of a month, at midnight UTC. */
static int64_t
sunday(int year, int month, int nth)
{
	int64_t first = day_at(year, month, 1);
	int weekday = (int) ((first / DAY + 4) % 7); /* 1970 began on a Thursday */

	return first + ((7 - weekday) % 7 + 7 * (nth - 1)) * DAY;
}

/* How far behind UTC the Pacific coast is: summer time lasts from the second Sunday of March,
 * 2:00, to the first of November, 2:00 (Energy Policy Act of 2005). */
static int64_t
pacific_behind(int64_t now)
{
	time_t moment = (time_t) now;
	struct tm utc;
	int year;

	gmtime_r(&moment, &utc);
	year = utc.tm_year + 1900;
	return now >= sunday(year, 3, 2) + 10 * HOUR && now < sunday(year, 11, 1) + 9 * HOUR
			   ? 7 * HOUR
			   : 8 * HOUR;
}

double
youtube_day_left(int64_t now)
{
	int64_t midnight = ((now - pacific_behind(now)) / DAY + 1) * DAY;

	return (double) (midnight + pacific_behind(midnight + 8 * HOUR) - now);
}

static double
pause_of(const CallAnswer *answer, Pause pause)
{
	int64_t now = answer_time(&answer->answer);

	if (pause == PAUSE_DAY)
		return DAY;
	if (pause == PAUSE_QUOTA)
		return youtube_day_left(now >= 0 ? now : (int64_t) time(NULL)) +
			   clock_jitter(DAY_BEGINS_WITHIN / 2, 1);
	return answer->answer.retry_after;
}

/* What an answer means whose reason says nothing. */
static const struct
{
	int first, last;
	ErrorClass class;
	const char *code;
	const char *hint;
} statuses[] = {
	{401, 401, ERROR_CREDENTIAL,   "token_refused",   HINT_PERMISSION          },
	{403, 403, ERROR_PERMANENT,    "access_denied",   HINT_OWNER               },
	{408, 408, ERROR_TRANSIENT,    "server_error",    NULL                     },
	{413, 413, ERROR_INPUT,        "video_too_large", HINT_SIZE                },
	{429, 429, ERROR_RATE_LIMITED, "rate_limited",    NULL                     },
	{500, 599, ERROR_TRANSIENT,    "server_error",    NULL                     },
	{0,   999, ERROR_PERMANENT,    "request_refused",
	 "Look at the settings of the preset; what YouTube said is in the message."},
};

static bool
by_status(const CallAnswer *answer, const char *what, const char *words,
		  const char *reason, Error *err)
{
	int status = answer->answer.status;
	size_t row = 0;
	ErrorClass class;

	while (status < statuses[row].first || status > statuses[row].last)
		row++;
	class = statuses[row].class;
	if (status == 503 && answer->answer.retry_after > 0)
		class = ERROR_RATE_LIMITED;
	error_set(err, class, statuses[row].code, statuses[row].hint,
			  "YouTube refused to %s with status %d%s%s%s%s%s", what, status,
			  words[0] != '\0' ? ": " : "", words, reason[0] != '\0' ? " (" : "", reason,
			  reason[0] != '\0' ? ")" : "");
	return false;
}

bool
youtube_error(const CallAnswer *answer, const char *what, Error *err)
{
	char words[SAID_MOST + 8];
	char reason[64];
	size_t row;

	youtube_reason(answer, reason, sizeof reason);
	take_words(json_text(answer->json, "error.message", ""), words);
	row = place_of(reason);
	if (row == REASONS)
		by_status(answer, what, words, reason, err);
	else if (reasons[row].subject != NULL)
		error_set(err, reasons[row].class, reasons[row].code, reasons[row].hint,
				  "YouTube does not accept %s: %s (%s)", reasons[row].subject, words,
				  reason);
	else
		error_set(err, reasons[row].class, reasons[row].code, reasons[row].hint,
				  "YouTube refused to %s: %s (%s)", what, words, reason);
	if (err != NULL)
	{
		err->status = answer->answer.status;
		err->retry_after =
			pause_of(answer, row == REASONS ? PAUSE_AS_SAID : reasons[row].pause);
	}
	return false;
}
