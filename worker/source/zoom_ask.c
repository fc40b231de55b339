/*
 * source/zoom_ask.c
 *	  Zoom's interface: addresses, and what its refusals mean (docs/platforms/zoom.md).
 */
#include "source/zoom.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "net/endpoint.h"
#include "source/name.h"
#include "source/platform_get.h"

#define STANDARD "https://api.zoom.us/v2"

/* The first row whose status and code fit; 0 fits all. */
static const struct
{
	int status, code;
	ErrorClass class;
	const char *name;
	const char *hint;
} refusals[] = {
	{0,   4711, ERROR_CREDENTIAL, "scope_missing",
	 "Give the app the scopes that docs/platforms/zoom.md lists, and authorise it "
	 "again."																	},
	{0,   104,  ERROR_CREDENTIAL, "scope_missing",
	 "Give the app the scopes that docs/platforms/zoom.md lists, and authorise it "
	 "again."																	},
	{401, 0,    ERROR_CREDENTIAL, "token_refused",
	 "Authorise again, or give new data of the app."                             },
	{0,   3301, ERROR_INPUT,      "source_missing",
	 "The recording was deleted in Zoom, or is still being made."                },
	{0,   1001, ERROR_INPUT,      "user_missing",
	 "Look for the user in Zoom's list of users of this account."                },
	{0,   1010, ERROR_INPUT,      "user_missing",
	 "Look for the user in Zoom's list of users of this account."                },
	{404, 0,    ERROR_INPUT,      "source_missing",  "It was deleted in Zoom."   },
	{403, 0,    ERROR_PERMANENT,  "access_denied",
	 "The account may not see this; ask its administrator."                      },
	{0,   200,  ERROR_PERMANENT,  "access_denied",
	 "The account may not see this, or its plan has no cloud recordings."        },
	{503, 0,    ERROR_TRANSIENT,  "server_busy",     NULL                        },
	{0,   0,    ERROR_PERMANENT,  "request_refused", "The message is Zoom's own."},
};

static bool
refuse(const CallAnswer *answer, const char *url, Error *err)
{
	int status = answer->answer.status;
	int code = (int) json_number(answer->json, "code", -1);
	char said[NAME_SIZE];
	size_t row = 0;

	(void) url;
	if (status >= 500 || status == 408)
	{
		error_set(err,
				  answer->answer.retry_after > 0 ? ERROR_RATE_LIMITED : ERROR_TRANSIENT,
				  "server_error", NULL, "Zoom is in trouble (status %d)", status);
		if (err != NULL)
			err->retry_after = answer->answer.retry_after;
		return false;
	}
	while ((refusals[row].status != 0 && refusals[row].status != status) ||
		   (refusals[row].code != 0 && refusals[row].code != code))
		row++;
	name_tidy(json_text(answer->json, "message", "no reason"), said);
	return error_set(err, refusals[row].class, refusals[row].name, refusals[row].hint,
					 "Zoom refuses (status %d, code %d): %.300s", status, code, said);
}

bool
zoom_ask(const SourceQuery *query, const char *path, cJSON **json, Error *err)
{
	const PlatformGet get = {.query = query, .refuse = refuse};
	CLEANUP(buffer) Buffer url;

	buffer_init(&url);
	if (query->account == NULL)
		return error_set(err, ERROR_CREDENTIAL, "credential_missing",
						 "Give the source a credential that is switched on.",
						 "the source has no credential for Zoom");
	buffer_puts(&url, endpoint_of(query->endpoints, "api", STANDARD));
	buffer_puts(&url, path);
	return platform_get(&get, url.data, json, err);
}

void
zoom_meeting_path(const char *uuid, char *path, size_t size)
{
	CLEANUP(buffer) Buffer once;
	CLEANUP(buffer) Buffer twice;
	bool again = uuid[0] == '/' || strstr(uuid, "//") != NULL;

	buffer_init(&once);
	buffer_init(&twice);
	platform_escape(&once, uuid);
	if (again)
		platform_escape(&twice, once.data);
	snprintf(path, size, "/meetings/%s/recordings", again ? twice.data : once.data);
}
