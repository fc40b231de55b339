/*
 * platform/yandex_disk_call.c
 *	  Calls of the interface of Yandex Disk, and what its refusals mean.
 */
#include "platform/yandex_disk_call.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"
#include "net/endpoint.h"

#define STANDARD     "https://cloud-api.yandex.net/v1/disk"
#define PAGE         "https://disk.yandex.ru/client/disk"
#define TRIES        5
#define REST_MOST    5.0 /* seconds; a longer wait is the queue's */
#define LIMIT_WAIT   60
#define TRAFFIC_WAIT 3600
#define CALL_SECONDS 120
#define SAID_SIZE    208

#define OPERATION_SECONDS 600
#define OPERATION_EVERY   0.5

#define HINT_CONNECT \
	"Connect the disk again, and allow to read and to write it (leap credential)."
#define HINT_RIGHT                                                                    \
	"Name a folder that the account may write to; the app needs the right to write, " \
	"which connecting the disk again asks for (leap credential)."
#define HINT_ROOM "Make room on the disk, also in its trash; then leap retry."
#define HINT_PATH "Look at folder_path_template and filename_template of the preset."

/* By the service's word where the status says too little; the first row that fits counts. */
static const struct
{
	int status;
	const char *refusal; /* NULL: any */
	bool again;          /* after a moment, some times */
	ErrorClass class;
	const char *code;
	double retry_after;
	const char *hint;
} refusals[] = {
	{400, NULL,							 false, ERROR_PERMANENT,    "request_refused",    0,          HINT_PATH   },
	{401, NULL,							 false, ERROR_CREDENTIAL,   "token_refused",      0,          HINT_CONNECT},
	{403, NULL,							 false, ERROR_PERMANENT,    "permission_missing", 0,          HINT_RIGHT  },
	{404, NULL,							 false, ERROR_PERMANENT,    "path_missing",       0,          HINT_PATH   },
	{409, NULL,							 false, ERROR_PERMANENT,    "path_taken",         0,          HINT_PATH   },
	{413, NULL,							 false, ERROR_PERMANENT,    "file_too_large",     0,
	 "The disk takes 1 GB a file, 50 GB with a subscription; cut or compress the video."                             },
	{423, "DiskUploadTrafficLimitExceeded", false, ERROR_RATE_LIMITED, "upload_limit",
	 TRAFFIC_WAIT,																					   NULL        },
	{423, NULL,							 true,  ERROR_TRANSIENT,    "resource_locked",    0,          NULL        },
	{429, NULL,							 true,  ERROR_RATE_LIMITED, "rate_limited",       LIMIT_WAIT, NULL        },
	{507, NULL,							 false, ERROR_QUOTA,        "remote_full",        0,          HINT_ROOM   },
	{500, NULL,							 true,  ERROR_TRANSIENT,    "server_error",       0,          NULL        },
	{502, NULL,							 true,  ERROR_TRANSIENT,    "server_error",       0,          NULL        },
	{503, NULL,							 true,  ERROR_TRANSIENT,    "server_error",       0,          NULL        },
	{504, NULL,							 true,  ERROR_TRANSIENT,    "server_error",       0,          NULL        },
};

#define REFUSALS (sizeof refusals / sizeof refusals[0])

YandexDisk
yandex_disk_of(const Publication *publication)
{
	return (YandexDisk){.account = publication->account,
						.endpoints = publication->endpoints,
						.allow_private = publication->allow_private_addresses ||
										 endpoint_is_set(publication->endpoints),
						.reporter = publication->reporter};
}

static bool
rest(const YandexDisk *disk, double seconds, Error *err)
{
	return report_wait(disk->reporter, seconds, 0, "waiting for the disk", err);
}

static size_t
place_of(const YandexDisk *disk)
{
	size_t i = 0;

	while (i < REFUSALS && (refusals[i].status != disk->status ||
							(refusals[i].refusal != NULL &&
							 strcmp(refusals[i].refusal, disk->refusal) != 0)))
		i++;
	return i;
}

static bool
refuse(const YandexDisk *disk, const char *what, const CallAnswer *answer, Error *err)
{
	size_t place = place_of(disk);
	bool known = place < REFUSALS;
	bool trouble = disk->status >= 500;
	char words[SAID_SIZE];
	double after = answer->answer.retry_after;

	utf8_line(json_text(answer->json, "description",
						json_text(answer->json, "message", "no reason given")),
			  words, sizeof words);
	error_set(err,
			  known     ? refusals[place].class
			  : trouble ? ERROR_TRANSIENT
						: ERROR_PERMANENT,
			  known     ? refusals[place].code
			  : trouble ? "server_error"
						: "request_refused",
			  known ? refusals[place].hint : NULL,
			  "Yandex Disk refuses %s (status %d, %s): %s", what, disk->status,
			  disk->refusal[0] != '\0' ? disk->refusal : "no code", words);
	if (err == NULL)
		return false;
	if (after > 0 && err->class == ERROR_TRANSIENT)
		err->class = ERROR_RATE_LIMITED;
	err->status = disk->status;
	err->retry_after = after > 0 ? after : known ? refusals[place].retry_after : 0;
	return false;
}

static void
escape(Buffer *url, const char *text, const char *plain)
{
	for (; *text != '\0'; text++)
		if (isalnum((unsigned char) *text) || strchr(plain, *text) != NULL)
			buffer_append(url, text, 1);
		else
			buffer_printf(url, "%%%02X", (unsigned int) (unsigned char) *text);
}

static void
write_url(const YandexDisk *disk, const char *what, const YandexField *fields,
		  Buffer *url)
{
	buffer_init(url);
	buffer_printf(url, "%s%s", endpoint_of(disk->endpoints, "api", STANDARD), what);
	for (const YandexField *field = fields; field != NULL && field->name != NULL; field++)
	{
		buffer_printf(url, "%s%s=", field == fields ? "?" : "&", field->name);
		escape(url, field->value, "-._~");
	}
}

/* Once. True when the service answered, be it a refusal. */
static bool
ask(YandexDisk *disk, const char *method, const char *url, CallAnswer *answer, Error *err)
{
	static const char *const headers[] = {"Accept: application/json", NULL};
	Call call = CALL(method, url);

	call.headers = headers;
	call.allow_private = disk->allow_private;
	call.total_seconds = CALL_SECONDS;
	call.reporter = disk->reporter;
	call.step = "asking the disk";
	disk->status = 0;
	disk->refusal[0] = '\0';
	if (!account_call(disk->account, &call, answer, err))
		return false;
	disk->status = answer->answer.status;
	if (disk->status >= 300)
		snprintf(disk->refusal, sizeof disk->refusal, "%.63s",
				 json_text(answer->json, "error", ""));
	return true;
}

/* Some times, where that may help. */
static bool
ask_on(YandexDisk *disk, const char *method, const char *what, const YandexField *fields,
	   CallAnswer *answer, Error *err)
{
	CLEANUP(buffer) Buffer url;

	write_url(disk, what, fields, &url);
	for (int tries = 1;; tries++)
	{
		size_t place;
		double wait;

		if (!ask(disk, method, url.data, answer, err))
			return false;
		if (disk->status < 300)
			return true;
		place = place_of(disk);
		wait = answer->answer.retry_after > 0 ? answer->answer.retry_after : 0.25 * tries;
		if (place >= REFUSALS || !refusals[place].again || tries == TRIES ||
			wait > REST_MOST)
			return refuse(disk, what[0] != '\0' ? what : "/", answer, err);
		if (!rest(disk, wait, err))
			return false;
	}
}

bool
yandex_disk_wait(YandexDisk *disk, const char *id, Error *err)
{
	double until = clock_seconds() + OPERATION_SECONDS;
	char what[160];

	snprintf(what, sizeof what, "/operations/%.100s", id);
	while (clock_seconds() < until)
	{
		CLEANUP(call_answer) CallAnswer answer = {0};
		const char *status;

		if (!ask_on(disk, "GET", what, NULL, &answer, err))
			return false;
		status = json_text(answer.json, "status", "");
		if (strcmp(status, "success") == 0)
			return true;
		if (strcmp(status, "failed") == 0)
			return error_set(err, ERROR_TRANSIENT, "operation_failed", NULL,
							 "what the disk was told to do has failed there");
		if (!rest(disk, OPERATION_EVERY, err))
			return false;
	}
	return error_set(err, ERROR_TRANSIENT, "operation_slow", NULL,
					 "the disk has not finished within %d seconds", OPERATION_SECONDS);
}

/* The id in the link to an operation: the page of operations has ".../operations/ID", those of
 * copying, moving and deleting ".../operations?id=ID". NULL: it leads to something else. */
static const char *
operation_of(const char *href)
{
	static const char *const forms[] = {
		"/operations/?id=", "/operations?id=", "/operations/"};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
	{
		const char *at = strstr(href, forms[i]);

		if (at != NULL)
			return at + strlen(forms[i]);
	}
	return NULL;
}

bool
yandex_disk_call(YandexDisk *disk, const char *method, const char *what,
				 const YandexField *fields, cJSON **answer, Error *err)
{
	CLEANUP(call_answer) CallAnswer got = {0};
	const char *operation;

	if (!ask_on(disk, method, what, fields, &got, err))
		return false;
	operation = operation_of(json_text(got.json, "href", ""));
	if (disk->status == 202 && operation != NULL &&
		!yandex_disk_wait(disk, operation, err))
		return false;
	if (answer == NULL)
		return true;
	if (!cJSON_IsObject(got.json))
		return error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
						 "Yandex Disk answered %s with something that is no JSON", what);
	*answer = got.json;
	got.json = NULL;
	return true;
}

bool
yandex_disk_look(YandexDisk *disk, const char *path, YandexFile *file, Error *err)
{
	CLEANUP(json) cJSON *answer = NULL;
	const YandexField fields[] = {
		{"path",   path							 },
        {"fields", "type,size,md5,sha256,public_url"},
        {NULL,     NULL                             }
    };

	*file = (YandexFile){.found = false};
	if (!yandex_disk_call(disk, "GET", "/resources", fields, &answer, err))
		return disk->status == 404;
	file->found = true;
	file->is_folder = strcmp(json_text(answer, "type", ""), "dir") == 0;
	file->bytes = json_int64(answer, "size", -1);
	snprintf(file->sha256, sizeof file->sha256, "%.64s", json_text(answer, "sha256", ""));
	snprintf(file->md5, sizeof file->md5, "%.32s", json_text(answer, "md5", ""));
	snprintf(file->public_url, sizeof file->public_url, "%.511s",
			 json_text(answer, "public_url", ""));
	return true;
}

bool
yandex_disk_is_empty(YandexDisk *disk, const char *path, bool *empty, Error *err)
{
	CLEANUP(json) cJSON *answer = NULL;
	const YandexField fields[] = {
		{"path",   path                  },
        {"limit",  "1"                   },
        {"fields", "type,_embedded.total"},
        {NULL,     NULL                  }
    };

	*empty = false;
	if (!yandex_disk_call(disk, "GET", "/resources", fields, &answer, err))
		return disk->status == 404;
	*empty = strcmp(json_text(answer, "type", ""), "dir") == 0 &&
			 json_number(answer, "_embedded.total", 1) == 0;
	return true;
}

bool
yandex_disk_delete(YandexDisk *disk, const char *path, Error *err)
{
	const YandexField fields[] = {
		{"path",        path   },
        {"permanently", "false"},
        {NULL,          NULL   }
    };

	return yandex_disk_call(disk, "DELETE", "/resources", fields, NULL, err) ||
		   disk->status == 404;
}

bool
yandex_disk_delete_own(YandexDisk *disk, const char *path, const char *sha256, Error *err)
{
	YandexFile file;

	if (!yandex_disk_look(disk, path, &file, err))
		return false;
	if (!file.found || file.is_folder || sha256[0] == '\0' ||
		strcmp(file.sha256, sha256) != 0)
		return true;
	return yandex_disk_delete(disk, path, err);
}

void
yandex_disk_page(const char *path, Buffer *url)
{
	CLEANUP(free) char *folder = array_text(path + strcspn(path, "/"));
	char *slash = strrchr(folder, '/');

	if (slash != NULL)
		*slash = '\0';
	buffer_init(url);
	buffer_puts(url, PAGE);
	escape(url, folder, "-._~/");
}
