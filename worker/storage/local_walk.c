/*
 * storage/local_walk.c
 *	  The files in a folder and below it, in the order of their names.
 */
#include "storage/local.h"

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
#include "storage/beneath.h"

#define DEEPEST 16

typedef struct Walk
{
	StorageVisit visit;
	void *arg;
	double now;
	bool stopped;
	int root;
	char uri[PATH_SIZE];
} Walk;

/* The names in a folder, those of folders with a slash behind. */
typedef struct Names
{
	char **items;
	size_t count;
	size_t capacity;
} Names;

/* For CLEANUP(names). */
static void
cleanup_names(Names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
}

static bool
add_name(Names *names, const char *name, bool folder)
{
	if (names->count == names->capacity)
	{
		size_t capacity = names->capacity > 0 ? 2 * names->capacity : 64;
		char **items = realloc(names->items, capacity * sizeof *items);

		if (items == NULL)
			return false;
		names->items = items;
		names->capacity = capacity;
	}
	if (asprintf(&names->items[names->count], "%s%s", name, folder ? "/" : "") < 0)
		return false;
	names->count++;
	return true;
}

static int
by_bytes(const void *one, const void *other)
{
	return strcmp(*(char *const *) one, *(char *const *) other);
}

/* Reads an open folder (taken over): in the order of the URIs that begin so. */
static bool
read_names(const Walk *walk, int folder_fd, Names *names, Error *err)
{
	DIR *folder = fdopendir(folder_fd);
	const struct dirent *entry;
	bool done = true;

	if (folder == NULL)
	{
		(void) close(folder_fd);
		return error_errno(err, "storage_failed", "cannot read \"%.300s\"", walk->uri);
	}
	while (done && (entry = readdir(folder)) != NULL)
	{
		struct stat status = {.st_mode = S_IFDIR};

		if (entry->d_name[0] == '.')
			continue;
		if (entry->d_type == DT_UNKNOWN)
			(void) fstatat(folder_fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW);
		done = add_name(names, entry->d_name,
						entry->d_type == DT_DIR ||
							(entry->d_type == DT_UNKNOWN && S_ISDIR(status.st_mode)));
	}
	(void) closedir(folder);
	if (!done)
		return error_errno(err, "memory", "cannot read \"%.300s\"", walk->uri);
	if (names->count > 0)
		qsort(names->items, names->count, sizeof *names->items, by_bytes);
	return true;
}

static bool walk_folder(Walk *walk, int folder_fd, size_t length, int depth, Error *err);

/* A file or folder; walk->uri is its name of `length` bytes. Its path is looked up anew from
 * the root: no descriptors stay open on the way. */
static bool
walk_entry(Walk *walk, bool is_folder, size_t length, int depth, Error *err)
{
	struct stat status;
	int fd = beneath_open(walk->root, walk->uri,
						  O_PATH | O_NOFOLLOW | (is_folder ? O_DIRECTORY : 0), 0);

	if (fd < 0)
		return errno == ENOENT || errno == ELOOP || /* removed meanwhile; a link */
			   error_errno(err, "storage_failed", "cannot look at \"%.300s\"", walk->uri);
	if (is_folder)
	{
		int below = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		(void) close(fd);
		if (below < 0)
			return error_errno(err, "storage_failed", "cannot open \"%.300s\"",
							   walk->uri);
		return walk_folder(walk, below, length, depth + 1, err);
	}
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
	{
		StorageFile file = {.uri = walk->uri,
							.bytes = status.st_size,
							.age = walk->now - (double) status.st_mtim.tv_sec};

		walk->stopped = !walk->visit(walk->arg, &file);
	}
	(void) close(fd);
	return true;
}

/* Walks an open folder (taken over) whose URI has `length` bytes. */
static bool
walk_folder(Walk *walk, int folder_fd, size_t length, int depth, Error *err)
{
	CLEANUP(names) Names names = {.items = NULL};
	bool done = read_names(walk, folder_fd, &names, err);

	for (size_t i = 0; done && !walk->stopped && i < names.count; i++)
	{
		size_t name = strcspn(names.items[i], "/");
		bool is_folder = names.items[i][name] == '/';
		int added = snprintf(walk->uri + length, sizeof walk->uri - length, "%s%.*s",
							 length > 0 ? "/" : "", (int) name, names.items[i]);

		if (depth < DEEPEST && added > 0 && (size_t) added < sizeof walk->uri - length &&
			storage_uri_is_valid(walk->uri))
			done = walk_entry(walk, is_folder, length + (size_t) added, depth, err);
	}
	return done;
}

bool
storage_local_walk(const Storage *storage, const char *below, StorageVisit visit,
				   void *arg, Error *err)
{
	Walk walk = {
		.visit = visit, .arg = arg, .now = (double) time(NULL), .root = storage->root};
	int folder = beneath_open(storage->root, below[0] != '\0' ? below : ".",
							  O_RDONLY | O_DIRECTORY, 0);

	if (folder < 0 && errno == ENOENT)
		return true;
	if (folder < 0)
		return error_errno(err, "storage_failed", "cannot open \"%.300s\"", below);
	snprintf(walk.uri, sizeof walk.uri, "%s", below);
	return walk_folder(&walk, folder, strlen(walk.uri), 0, err);
}
