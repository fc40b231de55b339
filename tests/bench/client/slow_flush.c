/*
 * bench/client/slow_flush.c
 *	  Preloaded into a server: every flush of a file takes FLUSH_MICROSECONDS longer, as on a
 *	  disk that is slower than this one. The real flush is made first.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef int (*Flush)(int fd);

static void
take_time(void)
{
	const char *text = getenv("FLUSH_MICROSECONDS");
	long microseconds = text != NULL ? strtol(text, NULL, 10) : 0;
	struct timespec pause = {microseconds / 1000000, microseconds % 1000000 * 1000};

	(void) nanosleep(&pause, NULL);
}

static int
flush_by(const char *name, int fd)
{
	Flush real = (Flush) dlsym(RTLD_NEXT, name);
	int result = real(fd);

	take_time();
	return result;
}

int
fsync(int fd)
{
	return flush_by("fsync", fd);
}

int
fdatasync(int fd)
{
	return flush_by("fdatasync", fd);
}
