/*
 * media/arrival.h
 *	  A recording that is still being fetched: what of it is there, and waiting for the rest.
 *
 * The fetcher tells by messages (base/arrival_line.h) which ranges are there. What is read
 * beyond them is waited for; where it lies far ahead, the fetcher is asked for it. Bytes
 * that were not announced are never looked at: they may be anything.
 */
#ifndef LEAP_MEDIA_ARRIVAL_H
#define LEAP_MEDIA_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/ranges.h"

typedef struct Arrival
{
	int fd;       /* the socket to the fetcher; -1 = the file is complete */
	int64_t size; /* -1 = not known yet */
	Ranges there;
	bool ended; /* all of it is there */
} Arrival;

/* Of a file that is complete (fd -1, its size), or of one that arrives. */
void arrival_init(Arrival *arrival, int fd, int64_t size);

/* Waits until the size is known; -1 and errno when the fetcher is gone. */
int64_t arrival_size(Arrival *arrival);

/* Waits until all is there; false and errno when the fetcher is gone. */
bool arrival_finish(Arrival *arrival);

/* Reads up to length bytes of file at offset, waiting for the first of them; 0 at the end
 * of the file, -1 and errno on failure. */
ssize_t arrival_read(Arrival *arrival, int file, void *bytes, size_t length,
					 int64_t offset);

#endif
