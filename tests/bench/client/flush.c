/*
 * bench/client/flush.c
 *	  What a durable write costs on this disk, as the servers pay it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands.h"
#include "session.h"

#define MOST 1000

static int
by_value(const void *a, const void *b)
{
	long long x = *(const long long *) a;
	long long y = *(const long long *) b;

	return (x > y) - (x < y);
}

int
measure_flush(int argc, char **argv)
{
	static const char page[8192];
	long long taken[MOST];
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : 200;
	int fd = argc > 0 ? open(argv[0], O_RDWR | O_CREAT | O_TRUNC, 0600) : -1;

	if (fd < 0 || count < 1 || count > MOST)
		session_die("flush: name a file that can be written, and 1 to %d writes", MOST);
	for (long i = 0; i < count; i++)
	{
		long long began = session_clock();

		if (pwrite(fd, page, sizeof page, 0) != (ssize_t) sizeof page ||
			fdatasync(fd) != 0)
			session_die("flush: cannot write to %s", argv[0]);
		taken[i] = session_clock() - began;
	}
	(void) close(fd);
	qsort(taken, (size_t) count, sizeof *taken, by_value);
	printf("%lld\n", taken[count / 2]);
	return 0;
}
