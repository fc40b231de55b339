/*
 * gate/upload_file.c
 *	  The file of an upload: created, written, synced, removed by the threads of the disk.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "gate/tus_parts.h"

#define DROP "SELECT leap.drop_upload($1::uuid)"

static Upload *
upload_of(DiskJob *job)
{
	return (Upload *) job;
}

void
upload_note_errno(Upload *upload, const char *what)
{
	upload->full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
	(void) error_errno(&upload->error, "storage_failed", "%s", what);
}

bool
upload_file_claim(Upload *upload)
{
	return upload->database[0] == '\0' ||
		   storage_claim(&upload->gate->storage, upload->database, &upload->error);
}

static void
create(DiskJob *job)
{
	Upload *upload = upload_of(job);

	if (!upload_file_claim(upload) ||
		!storage_create(&upload->gate->storage, upload->uri, &upload->fd, &upload->error))
		upload->full = upload->error.class == ERROR_TRANSIENT;
}

static void
write_piece(DiskJob *job)
{
	Upload *upload = upload_of(job);
	const char *at = upload->writing.data;
	size_t left = upload->writing.length;

	while (left > 0)
	{
		ssize_t put = write(upload->fd, at, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
		{
			upload_note_errno(upload, "cannot write an upload");
			return;
		}
		at += put;
		left -= (size_t) put;
	}
	if (upload->hash.context != NULL)
		hash_update(&upload->hash, upload->writing.data, upload->writing.length);
	if (upload->tus != NULL)
		tus_file_wrote(upload);
	upload->written += (int64_t) upload->writing.length;
	buffer_clear(&upload->writing);
}

static void
remove_file(DiskJob *job)
{
	Upload *upload = upload_of(job);
	Error err;

	cleanup_close(&upload->fd);
	upload->fd = -1;
	if (!storage_remove(&upload->gate->storage, upload->uri, &err))
		upload->error = err;
}

static void
dropped(void *arg, const DbPoolOutcome *outcome)
{
	Upload *upload = arg;

	if (outcome->end != POOL_DONE)
		log_info("upload %s keeps its reservation until it expires", upload->id);
	upload_free(upload);
}

/* The file is gone: nothing is to be reserved for it any more. */
static void
drop(Upload *upload)
{
	const DbPoolStatement statement = {DROP, upload->values, 1};

	if (upload->error.class != ERROR_NONE)
		log_info("%s stays until the sweep: %s", upload->uri, upload->error.message);
	upload->values[0] = upload->id;
	(void) db_pool_run(upload->gate->pool, &statement, 1, false, dropped, upload);
}

static void
done(DiskJob *job)
{
	Upload *upload = upload_of(job);

	upload->disk_busy = false;
	if (upload->removing)
		drop(upload);
	else if (upload->request == NULL)
		upload->unwanted(upload);
	else if (upload->error.class != ERROR_NONE)
		upload_disk_failed(upload);
	else
		upload->after(upload);
}

void
upload_file_give(Upload *upload, void (*work)(DiskJob *job),
				 void (*after)(Upload *upload))
{
	upload->disk_busy = true;
	upload->after = after;
	upload->job.work = work;
	upload->job.done = done;
	disk_run(upload->gate->disk, &upload->job);
}

void
upload_file_create(Upload *upload, void (*after)(Upload *upload))
{
	hash_begin(&upload->hash);
	upload_file_give(upload, create, after);
}

void
upload_file_write(Upload *upload, void (*after)(Upload *upload))
{
	Buffer empty = upload->writing;

	upload->writing = upload->piece;
	upload->piece = empty;
	upload_file_give(upload, write_piece, after);
}

void
upload_file_remove(Upload *upload)
{
	upload->removing = true;
	upload->error = (Error){0};
	upload_file_give(upload, remove_file, NULL);
}

void
upload_free(Upload *upload)
{
	cleanup_close(&upload->fd);
	cleanup_hash(&upload->hash);
	buffer_free(&upload->piece);
	buffer_free(&upload->writing);
	buffer_free(&upload->field);
	multipart_free(upload->form);
	cJSON_Delete(upload->options);
	tus_free(upload->tus);
	free(upload->options_text);
	free(upload->name);
	free(upload->uri);
	free(upload);
}
