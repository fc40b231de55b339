/*
 * platform/yandex_disk_call.h
 *	  The interface of Yandex Disk: one call, what its refusals mean, what lies at a path, and
 *	  how a file gets there (docs/platforms/yandex-disk.md).
 */
#ifndef LEAP_PLATFORM_YANDEX_DISK_CALL_H
#define LEAP_PLATFORM_YANDEX_DISK_CALL_H

#include "base/buffer.h"
#include "base/hash.h"
#include "net/account.h"
#include "platform/platform.h"

#define YANDEX_PATH_SIZE 4096

/* A parameter of a call; a row without name ends a list. */
typedef struct YandexField
{
	const char *name;
	const char *value;
} YandexField;

typedef struct YandexDisk
{
	Account *account;
	const cJSON *endpoints;
	bool allow_private;
	const Reporter *reporter; /* may be NULL */
	int status;               /* of the last call; 0 = there was no answer */
	char refusal[64]; /* the service's word for it: "DiskNotFoundError"; "" = none */
} YandexDisk;

YandexDisk yandex_disk_of(const Publication *publication);

/*
 * One call: `what` follows the endpoint ("/resources/move"). What is locked, one too many or
 * hurts for a moment is asked some times; an operation that it begins is waited for. *answer,
 * the caller's, may be NULL on success, as answer itself may.
 *
 * Errors: credential permission_missing, token_refused and those of account_token;
 * rate_limited; quota remote_full; permanent path_missing, path_taken, file_too_large and
 * request_refused; transient server_error, resource_locked, bad_answer, operation_failed and
 * those of call_run; lost.
 */
bool yandex_disk_call(YandexDisk *disk, const char *method, const char *what,
					  const YandexField *fields, cJSON **answer, Error *err);

/* Waits for what the disk goes on with after its answer. Errors as above, and transient
 * operation_slow. */
bool yandex_disk_wait(YandexDisk *disk, const char *operation, Error *err);

/* What lies at a path. */
typedef struct YandexFile
{
	bool found;
	bool is_folder;
	int64_t bytes;
	char sha256[HASH_HEX_SIZE]; /* "" = not said */
	char md5[HASH_MD5_SIZE];
	char public_url[512]; /* "" = not published */
} YandexFile;

bool yandex_disk_look(YandexDisk *disk, const char *path, YandexFile *file, Error *err);

/* Is this a folder with nothing in it? */
bool yandex_disk_is_empty(YandexDisk *disk, const char *path, bool *empty, Error *err);

/* What is to be sent: bytes of a text, or a whole file. */
typedef struct YandexBody
{
	const char *text; /* NULL: fd */
	int fd;
	int64_t bytes;
	char sha256[HASH_HEX_SIZE];
	double from, to; /* of the task */
	const char *step;
	Throughput *throughput; /* NULL = nobody asks */
} YandexBody;

/* Is this what lies there? */
bool yandex_disk_is_same(const YandexFile *file, const YandexBody *body);

/* Is there room for it? Better said before the bytes are sent than after: quota remote_full,
 * permanent file_too_large. */
bool yandex_disk_check_room(YandexDisk *disk, const YandexBody *body, Error *err);

/*
 * Puts the bytes at a path, whose folder is there, in place of what is there, and looks
 * whether they have arrived. Errors: those of a call, and transient upload_incomplete.
 */
bool yandex_disk_put(YandexDisk *disk, const char *path, const YandexBody *body,
					 Error *err);

/* The page where its owner sees the folder of a path. */
void yandex_disk_page(const char *path, Buffer *url);

/* Takes a file or an empty folder to the trash; what is not there is gone already. */
bool yandex_disk_delete(YandexDisk *disk, const char *path, Error *err);

/* Takes it there only if it is still the file of that SHA-256. */
bool yandex_disk_delete_own(YandexDisk *disk, const char *path, const char *sha256,
							Error *err);

#endif
