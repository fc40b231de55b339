/*
 * source/settle.c
 *	  Is a file complete, or is somebody still writing it?
 */
#include "source/settle.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

bool
settle_name_is_partial(const char *name)
{
	static const char *const endings[] = {
		"~",    ".part", ".partial", ".crdownload", ".download", ".filepart",
		".tmp", ".temp", ".aria2",   ".!ut",        ".swp"};
	size_t length = strlen(name);

	if (name[0] == '.')
		return true;
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
	{
		size_t ending = strlen(endings[i]);

		if (length >= ending && strcasecmp(name + length - ending, endings[i]) == 0)
			return true;
	}
	return false;
}

static double
seconds_of(const struct timespec *moment)
{
	return (double) moment->tv_sec + (double) moment->tv_nsec / 1e9;
}

bool
settle_is_old(const struct stat *status, double now, double seconds)
{
	return now - seconds_of(&status->st_ctim) >= seconds;
}

static bool
same_moment(const struct timespec *one, const struct timespec *other)
{
	return one->tv_sec == other->tv_sec && one->tv_nsec == other->tv_nsec;
}

bool
settle_is_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
		   one->st_size == other->st_size &&
		   same_moment(&one->st_mtim, &other->st_mtim) &&
		   same_moment(&one->st_ctim, &other->st_ctim);
}

/* A read lease is given only on a file that nobody has open for writing. It is given back at
 * once; whoever opens the file in that moment waits for no longer than that. */
bool
settle_has_writer(int fd)
{
	void (*before)(int) = signal(SIGIO, SIG_IGN);
	bool leased = fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
	bool written = !leased && errno == EAGAIN;

	if (leased)
		(void) fcntl(fd, F_SETLEASE, F_UNLCK);
	(void) signal(SIGIO, before);
	return written;
}
