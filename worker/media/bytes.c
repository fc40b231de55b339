/*
 * media/bytes.c
 *	  Reading and writing a descriptor at an offset, whole.
 */
#include "media/bytes.h"

#include <errno.h>
#include <unistd.h>

ssize_t
read_at(int fd, void *bytes, size_t length, int64_t offset)
{
	size_t done = 0;

	while (done < length)
	{
		ssize_t got = pread(fd, (char *) bytes + done, length - done,
							(off_t) (offset + (int64_t) done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t) got;
	}
	return (ssize_t) done;
}

bool
write_at(int fd, const void *bytes, size_t length, int64_t offset)
{
	size_t done = 0;

	while (done < length)
	{
		ssize_t put = pwrite(fd, (const char *) bytes + done, length - done,
							 (off_t) (offset + (int64_t) done));

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		done += (size_t) put;
	}
	return true;
}
