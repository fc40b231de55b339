/*
 * platform/yandex_disk_send.c
 *	  How the bytes of a file get to Yandex Disk.
 *
 * The disk gives an address for half an hour, to which the file goes in one piece: how a
 * broken upload would go on is not documented. What counts is what the disk says of the
 * path afterwards: its SHA-256 and size are those of the file, or it is not there.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "net/url.h"
#include "platform/yandex_disk_call.h"

#define UPLOAD_QUIET 600 /* the server may think for a while about a large file */

bool
yandex_disk_is_same(const YandexFile *file, const YandexBody *body)
{
	return file->found && !file->is_folder && file->bytes == body->bytes &&
		   strcmp(file->sha256, body->sha256) == 0;
}

bool
yandex_disk_check_room(YandexDisk *disk, const YandexBody *body, Error *err)
{
	CLEANUP(json) cJSON *info = NULL;
	int64_t room;
	int64_t most;

	if (!yandex_disk_call(disk, "GET", "/", NULL, &info, err))
		return false;
	room = json_int64(info, "total_space", INT64_MAX) - json_int64(info, "used_space", 0);
	most = json_int64(info, "max_file_size", INT64_MAX);
	if (body->bytes > most)
		return error_set(
			err, ERROR_PERMANENT, "file_too_large",
			"Larger files need a subscription; or cut or compress the video.",
			"the file has %lld bytes, and the disk takes %lld bytes a file",
			(long long) body->bytes, (long long) most);
	return body->bytes <= room ||
		   error_set(err, ERROR_QUOTA, "remote_full",
					 "Make room on the disk, also in its trash; then leap retry.",
					 "the file has %lld bytes, and the disk has room for %lld",
					 (long long) body->bytes, (long long) (room > 0 ? room : 0));
}

static const struct
{
	int status;
	ErrorClass class;
	const char *code;
	const char *words;
} answers[] = {
	{404, ERROR_TRANSIENT, "upload_expired", "the address has ended"                    },
	{409, ERROR_TRANSIENT, "upload_expired", "something has come to the place meanwhile"},
	{410, ERROR_TRANSIENT, "upload_expired", "the address has ended"                    },
	{412, ERROR_TRANSIENT, "upload_expired", "the range does not fit"                   },
	{413, ERROR_PERMANENT, "file_too_large", "the file is too large"                    },
	{507, ERROR_QUOTA,     "remote_full",    "there is no room"                         },
};

static bool
refuse(const CallAnswer *answer, Error *err)
{
	int status = answer->answer.status;

	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		if (answers[i].status == status)
			return error_set(err, answers[i].class, answers[i].code, NULL,
							 "Yandex Disk does not take the file (status %d): %s", status,
							 answers[i].words);
	return answer_error(&answer->answer, "where Yandex Disk takes files", err);
}

/* The address knows who may send; the token stays here. */
static bool
send_to(YandexDisk *disk, const char *href, const YandexBody *body, bool *accepted,
		Error *err)
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	static const char *const headers[] = {"Content-Type: application/octet-stream", NULL};
	Call call = CALL("PUT", href);

	if (!url_check(href, err))
		return false;
	if (body->text != NULL)
	{
		call.body = body->text;
		call.body_length = (size_t) body->bytes;
	}
	else
	{
		call.body_fd = body->fd;
		call.body_bytes = body->bytes;
	}
	call.shown = "the disk's address for files";
	call.headers = headers;
	call.allow_private = disk->allow_private;
	call.quiet_seconds = UPLOAD_QUIET;
	call.reporter = disk->reporter;
	call.from = body->from;
	call.to = body->to;
	call.step = body->step;
	call.throughput = body->throughput;
	if (call.throughput != NULL)
		call.throughput->total = body->bytes;
	if (!call_run(&call, &answer, err))
		return false;
	/* 202: it is taken, and will be there when its operation ends */
	*accepted = answer.answer.status == 202;
	return answer.answer.status < 300 || refuse(&answer, err);
}

bool
yandex_disk_put(YandexDisk *disk, const char *path, const YandexBody *body, Error *err)
{
	CLEANUP(json) cJSON *link = NULL;
	const YandexField fields[] = {
		{"path",      path  },
        {"overwrite", "true"},
        {NULL,        NULL  }
    };
	YandexFile file;
	const char *operation;
	bool accepted = false;

	if (!yandex_disk_call(disk, "GET", "/resources/upload", fields, &link, err))
		return false;
	operation = json_text(link, "operation_id", "");
	if (!send_to(disk, json_text(link, "href", ""), body, &accepted, err) ||
		(accepted && operation[0] != '\0' && !yandex_disk_wait(disk, operation, err)) ||
		!yandex_disk_look(disk, path, &file, err))
		return false;
	return yandex_disk_is_same(&file, body) ||
		   error_set(err, ERROR_TRANSIENT, "upload_incomplete", NULL,
					 "what has arrived on the disk is not the file: %lld bytes of %lld",
					 (long long) (file.found ? file.bytes : 0), (long long) body->bytes);
}
