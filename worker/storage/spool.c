/*
 * storage/spool.c
 *	  A folder of this machine in front of a storage elsewhere.
 *
 * Processes share it without locks: names appear by rename(), what somebody else took away
 * meanwhile is missed by nobody. When a copy was read last is its time of access, set here:
 * file systems do not keep it by themselves.
 */
#include "storage/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"

#define FOLDER_MODE 0700
#define FILE_MODE   0640
/* Looking through all copies costs more than a smaller file: done for one of sixteen. */
#define LOOK_BYTES (1 << 20)

static void
name_of(const char *folder, const char *of, char name[SPOOL_NAME_SIZE])
{
	CLEANUP(hash) Hash hash = {NULL};
	char hex[HASH_HEX_SIZE];

	hash_begin(&hash);
	hash_update(&hash, of, strlen(of));
	hash_finish(&hash, hex);
	(void) snprintf(name, SPOOL_NAME_SIZE, "%s/%s", folder, hex);
}

bool
spool_open(Spool *spool, const char *folder, int64_t most, Error *err)
{
	static const char *const parts[] = {"new", "part", "kept"};

	*spool = (Spool){.fd = -1, .most = most};
	if (!path_make_absolute(folder, FOLDER_MODE, err))
		return false;
	spool->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (spool->fd < 0)
		return error_errno(err, "storage_unreachable", "cannot open spool \"%.300s\"",
						   folder);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (mkdirat(spool->fd, parts[i], FOLDER_MODE) < 0 && errno != EEXIST)
			return error_errno(err, "storage_failed", "cannot make \"%.300s/%s\"", folder,
							   parts[i]);
	return true;
}

static bool
create(const Spool *spool, const char *name, int *fd, Error *err)
{
	*fd = openat(spool->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				 FILE_MODE);
	return *fd >= 0 || error_errno(err, "storage_failed",
								   "cannot create a file in the spool (%s)", name);
}

bool
spool_create(const Spool *spool, const char *of, int *fd, Error *err)
{
	char name[SPOOL_NAME_SIZE];

	name_of("new", of, name);
	return create(spool, name, fd, err);
}

bool
spool_resume(const Spool *spool, const char *of, int *fd, Error *err)
{
	char name[SPOOL_NAME_SIZE];

	name_of("new", of, name);
	*fd = openat(spool->fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0 && errno == ENOENT)
		return error_set(err, ERROR_PERMANENT, "file_missing",
						 "Go on at the machine that began it.",
						 "the spool of this machine has no file for \"%.300s\"", of);
	return *fd >= 0 || error_errno(err, "storage_failed",
								   "cannot open a file in the spool (%s)", name);
}

static bool
find(const Spool *spool, const char *folder, const char *of, int *fd, int64_t *bytes)
{
	static const struct timespec now[2] = {{.tv_nsec = UTIME_NOW},
										   {.tv_nsec = UTIME_OMIT}};
	char name[SPOOL_NAME_SIZE];
	struct stat status;

	name_of(folder, of, name);
	*fd = openat(spool->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return false;
	if (fstat(*fd, &status) < 0)
	{
		(void) close(*fd);
		*fd = -1;
		return false;
	}
	(void) futimens(*fd, now);
	*bytes = status.st_size;
	return true;
}

bool
spool_find(const Spool *spool, const char *of, int *fd, int64_t *bytes)
{
	return find(spool, "new", of, fd, bytes) || find(spool, "kept", of, fd, bytes);
}

/* Gives a whole file its name among those that are kept. */
static void
keep(const Spool *spool, const char *from, const char *of)
{
	char to[SPOOL_NAME_SIZE];
	struct stat status;
	char digit[2];

	name_of("kept", of, to);
	if (renameat(spool->fd, from, spool->fd, to) < 0)
	{
		(void) unlinkat(spool->fd, from, 0);
		return;
	}
	path_random_hex(digit, 1);
	if (fstatat(spool->fd, to, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
		status.st_size >= LOOK_BYTES || spool->most == 0 || digit[0] == '0')
		spool_shrink(spool);
}

void
spool_keep(const Spool *spool, const char *of)
{
	char from[SPOOL_NAME_SIZE];

	name_of("new", of, from);
	keep(spool, from, of);
}

bool
spool_begin(const Spool *spool, char name[SPOOL_NAME_SIZE], int *fd, Error *err)
{
	char unique[33];

	path_random_hex(unique, 32);
	(void) snprintf(name, SPOOL_NAME_SIZE, "part/%s", unique);
	return create(spool, name, fd, err);
}

void
spool_take(const Spool *spool, const char *name, const char *of)
{
	keep(spool, name, of);
}

void
spool_drop(const Spool *spool, const char *name)
{
	(void) unlinkat(spool->fd, name, 0);
}

bool
spool_forget(const Spool *spool, const char *of, Error *err)
{
	static const char *const folders[] = {"new", "kept"};

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
	{
		char name[SPOOL_NAME_SIZE];

		name_of(folders[i], of, name);
		if (unlinkat(spool->fd, name, 0) < 0 && errno != ENOENT)
			return error_errno(err, "storage_failed", "cannot remove \"%.300s\"", of);
	}
	return true;
}

static DIR *
open_part(const Spool *spool, const char *part)
{
	int fd = openat(spool->fd, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;

	if (folder == NULL && fd >= 0)
		(void) close(fd);
	return folder;
}

void
spool_renew(const Spool *spool, const char *of)
{
	char name[SPOOL_NAME_SIZE];

	name_of("new", of, name);
	(void) utimensat(spool->fd, name, NULL, AT_SYMLINK_NOFOLLOW);
}

void
spool_sweep(const Spool *spool, double seconds)
{
	static const char *const parts[] = {"new", "part"};
	double now = (double) time(NULL);

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
	{
		DIR *folder = open_part(spool, parts[i]);
		const struct dirent *entry;
		struct stat status;

		while (folder != NULL && (entry = readdir(folder)) != NULL)
			if (fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) ==
					0 &&
				S_ISREG(status.st_mode) &&
				now - (double) status.st_mtim.tv_sec >= seconds)
				(void) unlinkat(dirfd(folder), entry->d_name, 0);
		if (folder != NULL)
			(void) closedir(folder);
	}
}

typedef struct Copy
{
	struct timespec read;
	int64_t bytes;
	char name[HASH_HEX_SIZE];
} Copy;

static int
by_time(const void *one, const void *other)
{
	const struct timespec *a = &((const Copy *) one)->read;
	const struct timespec *b = &((const Copy *) other)->read;

	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? -1 : 1;
	return a->tv_nsec < b->tv_nsec ? -1 : a->tv_nsec > b->tv_nsec;
}

/* All copies; *sum is their bytes. The caller frees them. */
static Copy *
read_copies(DIR *folder, size_t *count, int64_t *sum)
{
	Copy *copies = NULL;
	size_t capacity = 0;
	const struct dirent *entry;
	struct stat status;

	*count = 0;
	*sum = 0;
	while ((entry = readdir(folder)) != NULL)
	{
		if (fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
			!S_ISREG(status.st_mode) || strlen(entry->d_name) >= HASH_HEX_SIZE)
			continue;
		if (*count == capacity)
		{
			Copy *more;

			capacity = capacity > 0 ? 2 * capacity : 256;
			more = realloc(copies, capacity * sizeof *copies);
			if (more == NULL)
				break;
			copies = more;
		}
		copies[*count] = (Copy){.read = status.st_atim, .bytes = status.st_size};
		(void) memcpy(copies[(*count)++].name, entry->d_name, strlen(entry->d_name) + 1);
		*sum += status.st_size;
	}
	return copies;
}

void
spool_shrink(const Spool *spool)
{
	DIR *folder = open_part(spool, "kept");
	CLEANUP(free) Copy *copies = NULL;
	size_t count;
	int64_t sum;

	if (folder == NULL)
		return;
	copies = read_copies(folder, &count, &sum);
	if (sum > spool->most)
		qsort(copies, count, sizeof *copies, by_time);
	for (size_t i = 0; i < count && sum > spool->most; i++)
		if (unlinkat(dirfd(folder), copies[i].name, 0) == 0 || errno == ENOENT)
			sum -= copies[i].bytes;
	(void) closedir(folder);
}
