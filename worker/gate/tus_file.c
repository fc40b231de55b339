/*
 * gate/tus_file.c
 *	  The file of a resumable upload: opened and locked, cut, synced and digested by the
 *	  threads of the disk.
 *
 * The lock of the open file is what lets one request at a time make it longer, in all
 * processes that share the storage; it ends with the process, however that ends. Its length
 * is told only after it was synced.
 */
#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "gate/tus_parts.h"

void
tus_file_wrote(Upload *upload)
{
	if (upload->tus->check.context != NULL)
		hash_update(&upload->tus->check, upload->writing.data, upload->writing.length);
}

static void
lock(Upload *upload)
{
	if (flock(upload->fd, LOCK_EX | LOCK_NB) < 0)
		upload->tus->locked = true;
}

static void
create(DiskJob *job)
{
	Upload *upload = (Upload *) job;

	if (!upload_file_claim(upload) ||
		!storage_create(&upload->gate->storage, upload->uri, &upload->fd, &upload->error))
	{
		upload->full = upload->error.class == ERROR_TRANSIENT;
		return;
	}
	lock(upload);
	if (fsync(upload->fd) < 0)
		upload_note_errno(upload, "cannot store an upload");
}

/* One that was stored is read where it is: a recording may still have to be made of it. */
static void
open_stored(Upload *upload)
{
	int64_t bytes;
	Error err;

	if (storage_open(&upload->gate->storage, upload->uri, &upload->fd, &bytes, &err))
		upload->tus->stored = true;
	else if (strcmp(err.code, "file_missing") == 0)
		upload->tus->missing = true;
	else
		upload->error = err;
}

static void
measure(Upload *upload)
{
	Tus *tus = upload->tus;
	struct stat status;

	if (fstat(upload->fd, &status) < 0 ||
		(tus->unproved >= 0 && !tus->stored && status.st_size > tus->unproved &&
		 ftruncate(upload->fd, tus->unproved) < 0) ||
		(!tus->stored && fsync(upload->fd) < 0) || fstat(upload->fd, &status) < 0 ||
		lseek(upload->fd, 0, SEEK_END) < 0)
	{
		upload_note_errno(upload, "cannot go on with an upload");
		return;
	}
	tus->length = status.st_size;
}

static void
open_file(DiskJob *job)
{
	Upload *upload = (Upload *) job;
	Error err = {0};

	if (!storage_resume(&upload->gate->storage, upload->uri, &upload->fd, &err))
	{
		if (strcmp(err.code, "file_missing") == 0)
			open_stored(upload);
		else
			upload->error = err;
	}
	if (upload->fd < 0)
		return;
	lock(upload);
	if (!upload->tus->locked)
		measure(upload);
}

static void
settle(DiskJob *job)
{
	Upload *upload = (Upload *) job;
	Tus *tus = upload->tus;
	char found[HASH_HEX_SIZE];

	if (tus->check.context != NULL)
	{
		hash_finish(&tus->check, found);
		tus->mismatch = strcmp(found, tus->wanted) != 0;
	}
	if ((tus->mismatch && ftruncate(upload->fd, tus->start) < 0) ||
		fdatasync(upload->fd) < 0)
		upload_note_errno(upload, "cannot store an upload");
}

static void
store(DiskJob *job)
{
	Upload *upload = (Upload *) job;

	if (upload->hash.context != NULL)
		hash_finish(&upload->hash, upload->sha256);
	else if (!hash_file(upload->fd, upload->sha256, NULL, &upload->error))
		return;
	if (!upload->tus->stored && !storage_commit(&upload->gate->storage, upload->uri,
												upload->fd, NULL, &upload->error))
		upload->full = upload->error.class == ERROR_TRANSIENT;
}

void
tus_file_create(Upload *upload, void (*after)(Upload *upload))
{
	upload_file_give(upload, create, after);
}

void
tus_file_open(Upload *upload, void (*after)(Upload *upload))
{
	upload_file_give(upload, open_file, after);
}

void
tus_file_settle(Upload *upload, void (*after)(Upload *upload))
{
	upload_file_give(upload, settle, after);
}

void
tus_file_store(Upload *upload, void (*after)(Upload *upload))
{
	upload_file_give(upload, store, after);
}

/* What came and is not written yet is worth keeping, unless its checksum, which comes to
 * nothing now, was to prove it, or there is no room. */
void
tus_file_leave(Upload *upload)
{
	bool worth = upload->error.class == ERROR_NONE && upload->fd >= 0 &&
				 !upload->tus->locked && upload->tus->check.context == NULL &&
				 upload->received <= upload->reserved && upload->received <= upload->most;

	if (worth && upload->piece.length > 0)
		upload_file_write(upload, NULL);
	else
		upload_free(upload);
}
