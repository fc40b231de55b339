/*
 * source/inbox.c
 *	  A folder of this machine as a source: the files in it that are complete.
 *
 * Links are not followed and nothing outside the folder is opened. A file that changed a
 * moment ago is looked at once more, after the time it has to stay as it is; what changed
 * meanwhile is left for the next sync. Files are read only to tell them apart, and never
 * removed: the download copies them.
 */
#include "source/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/path.h"
#include "source/key.h"
#include "source/name.h"
#include "source/settle.h"
#include "storage/beneath.h"
#include "storage/import.h"

#define DEEPEST      16
#define MOST_FILES   100000 /* that are kept in mind; of more the newest half */
#define LONGEST_WAIT 60.0   /* seconds that a sync waits for files that just changed */

typedef struct File
{
	char *path; /* relative to the inbox */
	struct stat status;
} File;

typedef struct Inbox
{
	const SourceQuery *query;
	Listing *listing;
	const char *folder;
	int fd;
	bool recursive;
	bool any_suffix; /* a pattern decides instead, in the database */
	double settle;
	const cJSON *after; /* the last file of the last time; NULL = all are wanted */
	bool dropped;       /* there are more, which are older */
	File *files;
	size_t count;
	size_t capacity;
} Inbox;

static void
cleanup_inbox(Inbox *inbox)
{
	for (size_t i = 0; i < inbox->count; i++)
		free(inbox->files[i].path);
	free(inbox->files);
	if (inbox->fd >= 0)
		(void) close(inbox->fd);
}

static bool
tell(const Inbox *inbox, double fraction, const char *step, Error *err)
{
	const Reporter *reporter = inbox->query->reporter;

	return reporter == NULL || reporter->progress(reporter->arg, fraction, step) ||
		   error_set(err, ERROR_LOST, "cancelled", NULL, "stopped while %s", step);
}

static bool walk(Inbox *inbox, int folder, const char *path, int depth, Error *err);

static double
seconds_of(const struct timespec *moment)
{
	double seconds = (double) moment->tv_sec + (double) moment->tv_nsec / 1e9;

	return seconds >= 0 ? seconds : -1;
}

static int
compare_places(int64_t second, int64_t nanosecond, const char *path,
			   const struct timespec *changed, const char *other)
{
	if (second != changed->tv_sec)
		return second > changed->tv_sec ? -1 : 1;
	if (nanosecond != changed->tv_nsec)
		return nanosecond > changed->tv_nsec ? -1 : 1;
	return strcmp(path, other);
}

/* The newest first: when there are too many, the new ones are not among those left out. */
static int
by_age(const void *one, const void *other)
{
	const File *left = one;
	const File *right = other;
	const struct timespec *changed = &left->status.st_ctim;

	return compare_places(changed->tv_sec, changed->tv_nsec, left->path,
						  &right->status.st_ctim, right->path);
}

/* Does it come behind the last file of the last time? */
static bool
is_wanted(const Inbox *inbox, const char *path, const struct stat *status)
{
	return inbox->after == NULL ||
		   compare_places(json_int64(inbox->after, "second", 0),
						  json_int64(inbox->after, "nanosecond", 0),
						  json_text(inbox->after, "path", ""), &status->st_ctim,
						  path) < 0;
}

/* Lets go of the older half. */
static void
drop_old(Inbox *inbox)
{
	qsort(inbox->files, inbox->count, sizeof *inbox->files, by_age);
	while (inbox->count > MOST_FILES / 2)
		free(inbox->files[--inbox->count].path);
	inbox->dropped = true;
}

static bool
note(Inbox *inbox, const char *path, const struct stat *status)
{
	if (!is_wanted(inbox, path, status))
		return true;
	inbox->listing->seen++;
	if (inbox->count >= MOST_FILES)
		drop_old(inbox);
	inbox->files =
		array_room(inbox->files, &inbox->capacity, inbox->count + 1, sizeof(File));
	inbox->files[inbox->count++] = (File){.path = array_text(path), .status = *status};
	return true;
}

static bool
visit(Inbox *inbox, int folder, const char *name, const char *path, int depth, Error *err)
{
	struct stat status;
	int below;

	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return true; /* gone meanwhile */
	if (S_ISREG(status.st_mode) && !inbox->any_suffix && !name_is_media(name))
		return true;
	if (!name_is_text(name))
	{
		listing_problem(inbox->listing, "the name of \"%s\" is no text", path);
		return true;
	}
	if (S_ISREG(status.st_mode))
		return note(inbox, path, &status);
	if (!S_ISDIR(status.st_mode) || !inbox->recursive || depth >= DEEPEST)
		return true;
	below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below >= 0)
		return walk(inbox, below, path, depth + 1, err);
	listing_problem(inbox->listing, "cannot open the folder \"%s\": %s", path,
					strerror(errno));
	return true;
}

/* Takes over folder. */
static bool
walk(Inbox *inbox, int folder, const char *path, int depth, Error *err)
{
	DIR *stream = fdopendir(folder);
	const struct dirent *entry;
	bool ok = true;

	if (stream == NULL)
	{
		(void) close(folder);
		return error_errno(err, "folder_not_readable", "cannot read \"%.300s\"", path);
	}
	ok = tell(inbox, 0.05, "looking into the inbox", err);
	while (ok && (entry = readdir(stream)) != NULL)
	{
		char whole[PATH_SIZE];
		int length = snprintf(whole, sizeof whole, "%s%s%s", path,
							  path[0] != '\0' ? "/" : "", entry->d_name);

		if (length > 0 && (size_t) length < sizeof whole &&
			!settle_name_is_partial(entry->d_name))
			ok = visit(inbox, folder, entry->d_name, whole, depth, err);
	}
	(void) closedir(stream);
	return ok;
}

static double
now(void)
{
	struct timespec moment;

	(void) clock_gettime(CLOCK_REALTIME, &moment);
	return (double) moment.tv_sec + (double) moment.tv_nsec / 1e9;
}

/* Waits until the file that changed last has stayed as it is for long enough, if that is
 * soon. *waited tells how long it was. */
static bool
wait_for_young(const Inbox *inbox, double *waited, Error *err)
{
	double begin = clock_seconds();
	double until = begin + inbox->settle;
	struct timespec moment = {.tv_nsec = 100 * 1000 * 1000};
	bool young = false;

	*waited = 0;
	for (size_t i = 0; i < inbox->count; i++)
		young = young || !settle_is_old(&inbox->files[i].status, now(), inbox->settle);
	if (!young || inbox->settle > LONGEST_WAIT)
		return true;
	while (clock_seconds() < until)
	{
		if (!tell(inbox, 0.1, "waiting for files that just changed", err))
			return false;
		(void) nanosleep(&moment, NULL);
	}
	*waited = clock_seconds() - begin;
	return true;
}

/* Complete: nothing happened to it for long enough, by its times or before our eyes. */
static bool
is_settled(const Inbox *inbox, const File *file, const struct stat *status, double waited)
{
	return settle_is_old(status, now(), inbox->settle) ||
		   (waited >= inbox->settle && settle_is_same(&file->status, status));
}

static bool
add(Inbox *inbox, const char *path, const char *key, const struct stat *status)
{
	char whole[PATH_SIZE];
	char name[NAME_SIZE];
	char file[NAME_SIZE];
	Item item = ITEM_UNKNOWN;
	Error err;

	if (!path_join(whole, sizeof whole, inbox->folder, path, &err))
		return true;
	name_of_address(path, name);
	name_last_part(path, file);
	item.key = key;
	item.name = name;
	item.file = file;
	item.bytes = status->st_size;
	item.start_time = seconds_of(&status->st_mtim);
	item.appeared = seconds_of(&status->st_ctim);
	item.metadata = cJSON_CreateObject();
	cJSON_AddStringToObject(item.metadata, "path", path);
	item.source = cJSON_CreateObject();
	cJSON_AddStringToObject(item.source, "type", "file");
	cJSON_AddStringToObject(item.source, "path", whole);
	return listing_add(inbox->listing, &item);
}

/* False when the listing is full. */
static bool
judge(Inbox *inbox, const File *file, double waited)
{
	CLEANUP(close)
	int fd = beneath_open(inbox->fd, file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	char key[KEY_SIZE];
	struct stat status;
	struct stat after;
	Error err;

	if (fd < 0 && (errno == ENOENT || errno == ELOOP))
		return true;
	if (fd < 0 || fstat(fd, &status) < 0)
	{
		listing_problem(inbox->listing, "cannot open \"%s\": %s", file->path,
						strerror(errno));
		return true;
	}
	if (!S_ISREG(status.st_mode))
		return true;
	if (!is_settled(inbox, file, &status, waited) || settle_has_writer(fd))
	{
		inbox->listing->waiting++;
		return true;
	}
	if (status.st_size == 0)
	{
		listing_problem(inbox->listing, "\"%s\" is empty", file->path);
		return true;
	}
	if (!key_of_file(fd, status.st_size, key, &err))
	{
		listing_problem(inbox->listing, "%s: %s", file->path, err.message);
		return true;
	}
	if (fstat(fd, &after) < 0 || !settle_is_same(&status, &after))
	{
		inbox->listing->waiting++;
		return true;
	}
	return add(inbox, file->path, key, &status);
}

/* Behind this file. What is written meanwhile is the newest: the next sync begins with it. */
static void
go_on_later(Inbox *inbox, const File *file)
{
	cJSON *next = cJSON_CreateObject();

	json_add_int64(next, "second", file->status.st_ctim.tv_sec);
	json_add_int64(next, "nanosecond", file->status.st_ctim.tv_nsec);
	cJSON_AddStringToObject(next, "path", file->path);
	listing_go_on(inbox->listing, next);
}

/* All of them, until the listing is full. */
static bool
read_files(Inbox *inbox, double waited, Error *err)
{
	for (size_t i = 0; i < inbox->count; i++)
	{
		double share = 0.1 + 0.9 * (double) i / (double) inbox->count;

		if (!tell(inbox, share, "reading files", err))
			return false;
		if (!judge(inbox, &inbox->files[i], waited))
		{
			if (i > 0)
				go_on_later(inbox, &inbox->files[i - 1]);
			return true;
		}
	}
	if (inbox->dropped)
		go_on_later(inbox, &inbox->files[inbox->count - 1]);
	return true;
}

static bool
open_inbox(Inbox *inbox, const SourceQuery *query, Listing *listing, Error *err)
{
	inbox->query = query;
	inbox->listing = listing;
	inbox->recursive = json_bool(query->config, "recursive", true);
	inbox->any_suffix = json_text(query->config, "file_pattern", NULL) != NULL;
	inbox->settle = json_number(query->config, "settle_seconds", 10);
	inbox->after = query->after;
	return json_need_text(query->config, "path", "the source", &inbox->folder, err) &&
		   import_open_folder(query->import_roots, inbox->folder, &inbox->fd, err);
}

bool
inbox_list(const SourceQuery *query, Listing *listing, Error *err)
{
	CLEANUP(inbox) Inbox inbox = {.fd = -1};
	double waited;
	int folder;

	if (!open_inbox(&inbox, query, listing, err))
		return false;
	folder = fcntl(inbox.fd, F_DUPFD_CLOEXEC, 0);
	if (folder < 0)
		return error_errno(err, "folder_not_readable", "cannot read \"%.300s\"",
						   inbox.folder);
	if (!walk(&inbox, folder, "", 0, err) || !wait_for_young(&inbox, &waited, err))
		return false;
	qsort(inbox.files, inbox.count, sizeof *inbox.files, by_age);
	return read_files(&inbox, waited, err);
}
