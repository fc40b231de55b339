/*
 * storage/copy.c
 *	  Copying between descriptors.
 */
#include "storage/copy.h"

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/cleanup.h"

/* small enough that a cancel is seen within a second on a slow disk */
#define COPY_PIECE  (16 << 20)
#define COPY_BUFFER (256 << 10)

static bool
write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0)
	{
		ssize_t written = write(fd, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		length -= (size_t) written;
	}
	return true;
}

/* Through memory: at most COPY_BUFFER bytes from *offset on. Bytes copied, 0 at the end of
 * the source, -1 and errno. */
static ssize_t
copy_by_memory(int from, int to, int64_t *offset, size_t length)
{
	CLEANUP(free) char *buffer = malloc(COPY_BUFFER);
	ssize_t got;

	if (buffer == NULL)
		return -1;
	got = pread(from, buffer, length < COPY_BUFFER ? length : COPY_BUFFER, *offset);
	if (got <= 0)
		return got;
	if (!write_all(to, buffer, (size_t) got))
		return -1;
	*offset += got;
	return got;
}

static bool
kernel_cannot(int error)
{
	return error == EXDEV || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP ||
		   error == EPERM;
}

/* One piece by whatever works; *in_kernel remembers what does. */
static ssize_t
copy_piece(int from, int to, int64_t *offset, size_t length, bool *in_kernel)
{
	ssize_t got = -1;

	if (*in_kernel)
	{
		got = copy_file_range(from, offset, to, NULL, length, 0);
		/* some virtual file systems answer "nothing" for what can be read */
		if (got > 0 || (got < 0 && !kernel_cannot(errno)))
			return got;
		*in_kernel = false;
	}
	return copy_by_memory(from, to, offset, length);
}

bool
copy_file(int from, int to, int64_t bytes, CopyProgress progress, void *arg, Error *err)
{
	int64_t offset = 0;
	bool in_kernel = true;

	while (offset < bytes)
	{
		int64_t left = bytes - offset;
		ssize_t got =
			copy_piece(from, to, &offset,
					   (size_t) (left < COPY_PIECE ? left : COPY_PIECE), &in_kernel);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, "copy_failed", "cannot copy %lld bytes",
							   (long long) bytes);
		if (got == 0)
			return error_set(err, ERROR_TRANSIENT, "source_changed", NULL,
							 "the file ended after %lld of %lld bytes while it was read",
							 (long long) offset, (long long) bytes);
		if (progress != NULL && !progress(arg, offset))
			return error_set(err, ERROR_LOST, "cancelled", NULL, "stopped on request");
	}
	return true;
}
