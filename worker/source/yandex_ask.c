/*
 * source/yandex_ask.c
 *	  The interface of Yandex Disk: addresses, and what its refusals mean
 *	  (docs/platforms/yandex-disk.md).
 */
#include "source/yandex.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "net/endpoint.h"
#include "source/name.h"
#include "source/platform_get.h"

#define STANDARD "https://cloud-api.yandex.net/v1/disk"

/* What is wanted of a resource; the same of the members of a folder. */
static const char *const fields[] = {
	"type",      "name",    "path",     "resource_id",      "size",       "md5", "sha256",
	"mime_type", "created", "modified", "antivirus_status", "media_type",
};
#define FIELDS (sizeof fields / sizeof fields[0])

static const struct
{
	int status;
	ErrorClass class;
	const char *code;
	const char *hint;
} refusals[] = {
	{401, ERROR_CREDENTIAL, "token_refused",   "Authorise again."              },
	{403, ERROR_PERMANENT,  "access_denied",
	 "The app needs the right to read the disk; of a published file its owner forbade "
	 "the download."														   },
	{404, ERROR_INPUT,      "source_missing",
	 "It was moved or deleted on the disk, or is not published any more."      },
	{410, ERROR_INPUT,      "source_missing",  "It was deleted on the disk."   },
	{423, ERROR_TRANSIENT,  "server_busy",     NULL                            },
	{503, ERROR_TRANSIENT,  "server_busy",     NULL                            },
	{0,   ERROR_PERMANENT,  "request_refused", "The message is the disk's own."},
};

static bool
refuse(const CallAnswer *answer, const char *url, Error *err)
{
	int status = answer->answer.status;
	char said[NAME_SIZE];
	size_t row = 0;

	(void) url;
	name_tidy(json_text(answer->json, "description",
						json_text(answer->json, "message", "no reason")),
			  said);
	if (status >= 500 || status == 408)
	{
		error_set(err,
				  answer->answer.retry_after > 0 ? ERROR_RATE_LIMITED : ERROR_TRANSIENT,
				  "server_error", NULL, "Yandex Disk is in trouble (status %d): %.200s",
				  status, said);
		if (err != NULL)
			err->retry_after = answer->answer.retry_after;
		return false;
	}
	while (refusals[row].status != 0 && refusals[row].status != status)
		row++;
	return error_set(err, refusals[row].class, refusals[row].code, refusals[row].hint,
					 "Yandex Disk refuses (status %d, %.60s): %.200s", status,
					 json_text(answer->json, "error", "no code"), said);
}

/* base/resources, base/public/resources, each perhaps with what follows, and who is meant. */
static bool
ask(const SourceQuery *query, const YandexPlace *place, const char *what,
	const char *more, cJSON **answer, Error *err)
{
	const PlatformGet get = {.query = query, .refuse = refuse};
	const char *base = endpoint_of(query->endpoints, "api", STANDARD);
	CLEANUP(buffer) Buffer url;

	buffer_init(&url);
	if (place->public_key == NULL && query->account == NULL)
		return error_set(err, ERROR_CREDENTIAL, "credential_missing",
						 "Give the source a credential that is switched on.",
						 "the source has no credential for Yandex Disk");
	buffer_printf(&url, "%s%s%s?", base,
				  place->public_key != NULL ? "/public/resources" : "/resources", what);
	if (place->public_key != NULL)
	{
		buffer_puts(&url, "public_key=");
		platform_escape(&url, place->public_key);
	}
	if (place->path != NULL)
	{
		buffer_puts(&url, place->public_key != NULL ? "&path=" : "path=");
		platform_escape(&url, place->path);
	}
	buffer_puts(&url, more);
	return platform_get(&get, url.data, answer, err);
}

bool
yandex_look(const SourceQuery *query, const YandexPlace *place, int from, int most,
			cJSON **resource, Error *err)
{
	CLEANUP(buffer) Buffer more;

	buffer_init(&more);
	buffer_puts(&more, "&fields=");
	for (size_t i = 0; i < FIELDS; i++)
		buffer_printf(&more, "%s%s", i > 0 ? "%2C" : "", fields[i]);
	for (size_t i = 0; most > 0 && i < FIELDS; i++)
		buffer_printf(&more, "%%2C_embedded.items.%s", fields[i]);
	/* what comes while pages are read moves others on to a later one, and hides none */
	if (most > 0)
		buffer_printf(&more, "%%2C_embedded.total&limit=%d&offset=%d&sort=-created", most,
					  from);
	return ask(query, place, "", more.data, resource, err);
}

bool
yandex_link(const SourceQuery *query, const YandexPlace *place, cJSON **link, Error *err)
{
	return ask(query, place, "/download", "", link, err);
}
