/*
 * net/fetch_file.c
 *	  The file that a download fills.
 */
#include "net/fetch_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE (64 << 10)

/* So much is handed to the disk at once, so that the wait at the end is short. */
#define FLUSHED_BYTES ((int64_t) 8 << 20)

static void
tell(const FetchFile *file, int64_t from, int64_t to)
{
	if (file->reader != NULL && to > from)
		file->reader->there(file->reader->arg, from, to, file->state->total);
}

static bool
write_all(const FetchFile *file, int64_t at, const char *bytes, size_t length, Error *err)
{
	while (length > 0)
	{
		ssize_t written = pwrite(file->fd, bytes, length, at);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return error_errno(err, "storage_failed", "cannot write the file");
		bytes += written;
		at += written;
		length -= (size_t) written;
	}
	return true;
}

static bool
is_same(const FetchFile *file, int64_t at, const char *bytes, size_t length)
{
	char there[PIECE];

	while (length > 0)
	{
		size_t piece = length < sizeof there ? length : sizeof there;
		ssize_t got = pread(file->fd, there, piece, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || memcmp(there, bytes, (size_t) got) != 0)
			return false;
		bytes += got;
		at += got;
		length -= (size_t) got;
	}
	return true;
}

static bool
begin_hash(FetchFile *file, Error *err)
{
	fetch_hash_end(file->hash);
	file->hash = fetch_hash_begin(file->fd);
	return file->hash != NULL || error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
										   "cannot start a thread");
}

bool
fetch_file_empty(FetchFile *file, Error *err)
{
	bool held = file->state->offset > 0 || file->ahead.count > 0;

	file->state->offset = 0;
	file->ahead.count = 0;
	if (!begin_hash(file, err) ||
		(held && file->reader != NULL && !file->reader->anew(file->reader->arg, err)))
		return false;
	return ftruncate(file->fd, 0) == 0 ||
		   error_errno(err, "storage_failed", "cannot begin the file again");
}

bool
fetch_file_catch_up(FetchFile *file, bool (*tick)(void *arg), void *arg, Error *err)
{
	if (!begin_hash(file, err) ||
		!fetch_hash_wait(file->hash, file->state->offset, tick, arg, err))
		return false;
	tell(file, 0, file->state->offset);
	return true;
}

/* The next of these bytes that are all there already, or all not; their number. */
static size_t
next_part(const FetchFile *file, int64_t at, size_t length, bool *there)
{
	int64_t head = file->state->offset;
	int64_t end = at < head ? head : ranges_end(&file->ahead, at);

	*there = end > at;
	if (!*there)
		end = ranges_next(&file->ahead, at);
	return end - at < (int64_t) length ? (size_t) (end - at) : length;
}

/* Has the disk begin with what came since the last time; nobody waits for it. */
static void
flush_head(const FetchFile *file, int64_t before)
{
	int64_t from = before / FLUSHED_BYTES * FLUSHED_BYTES;
	int64_t to = file->state->offset / FLUSHED_BYTES * FLUSHED_BYTES;

	if (to > from)
		(void) sync_file_range(file->fd, from, to - from, SYNC_FILE_RANGE_WRITE);
}

FetchPlaced
fetch_file_place(FetchFile *file, int64_t at, const char *bytes, size_t length,
				 Error *err)
{
	FetchState *state = file->state;
	int64_t head = state->offset;

	while (length > 0)
	{
		bool there;
		size_t part = next_part(file, at, length, &there);

		if (there && !is_same(file, at, bytes, part))
			return PLACED_MISFIT;
		if (!there && !write_all(file, at, bytes, part, err))
			return PLACED_FAILED;
		if (at + (int64_t) part > state->offset)
			state->offset = at + (int64_t) part;
		at += (int64_t) part;
		bytes += part;
		length -= part;
	}
	fetch_hash_to(file->hash, state->offset);
	tell(file, head, state->offset);
	flush_head(file, head);
	return PLACED;
}

bool
fetch_file_place_ahead(FetchFile *file, int64_t at, const char *bytes, size_t length,
					   Error *err)
{
	if (!write_all(file, at, bytes, length, err))
		return false;
	if (ranges_add(&file->ahead, at, at + (int64_t) length))
		tell(file, at, at + (int64_t) length);
	return true;
}

bool
fetch_file_finish(FetchFile *file, char sha256[HASH_HEX_SIZE], Error *err)
{
	if (ftruncate(file->fd, file->state->offset) < 0)
		return error_errno(err, "storage_failed", "cannot end the file");
	return fetch_hash_finish(file->hash, file->state->offset, sha256, err);
}

void
cleanup_fetch_file(FetchFile *file)
{
	fetch_hash_end(file->hash);
	file->hash = NULL;
}
