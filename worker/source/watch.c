/*
 * source/watch.c
 *	  Notices when files appear in inboxes.
 */
#include "source/watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "source/settle.h"

#define EVENTS                                                                  \
	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | \
	 IN_ONLYDIR)
#define DEEPEST       16
#define MOST_PLACES   8192
#define LONGEST_DELAY 60.0 /* seconds that a stream of files may put off a sync */
#define LOOK_AGAIN    60.0 /* after so many, for a folder that is not there */

typedef struct Inbox
{
	char *source;
	char *path;
	bool recursive;
	double settle;
	double since;   /* the first event that was not told; INFINITY = none */
	double due;     /* when it is told; INFINITY = nothing to tell */
	double look_at; /* when to add its folders again; INFINITY = they are watched */
	bool keep;      /* mark of watch_set */
} Inbox;

/* A folder that is watched for an inbox. Two inboxes may share one. */
typedef struct Place
{
	int wd;
	char *source;
	char *path;
	int depth;
} Place;

struct Watch
{
	int fd;
	Inbox *inboxes;
	size_t count;
	size_t capacity;
	Place *places;
	size_t place_count;
	size_t place_capacity;
};

Watch *
watch_new(Error *err)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	Watch *watch;

	if (fd < 0)
	{
		error_errno(err, "inotify", "inboxes are not watched");
		return NULL;
	}
	watch = array_new(1, sizeof *watch);
	watch->fd = fd;
	return watch;
}

static bool
is_watched(const Watch *watch, int wd)
{
	for (size_t i = 0; i < watch->place_count; i++)
		if (watch->places[i].wd == wd)
			return true;
	return false;
}

static void
drop_place(Watch *watch, size_t at)
{
	Place gone = watch->places[at];

	watch->places[at] = watch->places[--watch->place_count];
	if (!is_watched(watch, gone.wd))
		(void) inotify_rm_watch(watch->fd, gone.wd);
	free(gone.source);
	free(gone.path);
}

static void
drop_places_of(Watch *watch, const char *source)
{
	for (size_t i = watch->place_count; i > 0; i--)
		if (strcmp(watch->places[i - 1].source, source) == 0)
			drop_place(watch, i - 1);
}

static void
drop_inbox(Watch *watch, size_t at)
{
	Inbox gone = watch->inboxes[at];

	drop_places_of(watch, gone.source);
	watch->inboxes[at] = watch->inboxes[--watch->count];
	free(gone.source);
	free(gone.path);
}

void
watch_free(Watch *watch)
{
	if (watch == NULL)
		return;
	while (watch->count > 0)
		drop_inbox(watch, watch->count - 1);
	free(watch->inboxes);
	free(watch->places);
	(void) close(watch->fd);
	free(watch);
}

static bool
has_place(const Watch *watch, int wd, const char *source)
{
	for (size_t i = 0; i < watch->place_count; i++)
		if (watch->places[i].wd == wd && strcmp(watch->places[i].source, source) == 0)
			return true;
	return false;
}

static bool add_place(Watch *watch, const Inbox *inbox, const char *path, int depth);

static void
add_places_below(Watch *watch, const Inbox *inbox, const char *path, int depth)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL)
	{
		char below[PATH_SIZE];
		int length = snprintf(below, sizeof below, "%s/%s", path, entry->d_name);

		if ((entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) &&
			!settle_name_is_partial(entry->d_name) && length > 0 &&
			(size_t) length < sizeof below)
			(void) add_place(watch, inbox, below, depth + 1);
	}
	if (folder != NULL)
		(void) closedir(folder);
}

/* False when there is no such folder. */
static bool
add_place(Watch *watch, const Inbox *inbox, const char *path, int depth)
{
	int wd;

	if (depth > DEEPEST || watch->place_count >= MOST_PLACES)
		return true;
	wd = inotify_add_watch(watch->fd, path, EVENTS | (depth > 0 ? IN_DONT_FOLLOW : 0));
	if (wd < 0)
		return errno == ENOTDIR && depth > 0;
	if (!has_place(watch, wd, inbox->source))
	{
		watch->places = array_room(watch->places, &watch->place_capacity,
								   watch->place_count + 1, sizeof(Place));
		watch->places[watch->place_count++] = (Place){.wd = wd,
													  .source = array_text(inbox->source),
													  .path = array_text(path),
													  .depth = depth};
	}
	if (inbox->recursive)
		add_places_below(watch, inbox, path, depth);
	return true;
}

static void
look(Watch *watch, Inbox *inbox)
{
	bool there = add_place(watch, inbox, inbox->path, 0);

	if (!there && isinf(inbox->look_at))
		log_warning("the inbox %s cannot be watched: %s", inbox->path, strerror(errno));
	inbox->look_at = there ? INFINITY : clock_seconds() + LOOK_AGAIN;
}

static Inbox *
find(const Watch *watch, const char *source)
{
	for (size_t i = 0; i < watch->count; i++)
		if (strcmp(watch->inboxes[i].source, source) == 0)
			return &watch->inboxes[i];
	return NULL;
}

static void
add_inbox(Watch *watch, const WatchFolder *folder)
{
	watch->inboxes =
		array_room(watch->inboxes, &watch->capacity, watch->count + 1, sizeof(Inbox));
	watch->inboxes[watch->count++] = (Inbox){.source = array_text(folder->source),
											 .path = array_text(folder->path),
											 .recursive = folder->recursive,
											 .since = INFINITY,
											 .due = INFINITY,
											 .look_at = INFINITY};
}

void
watch_set(Watch *watch, const WatchFolder *folders, size_t count)
{
	for (size_t i = 0; i < watch->count; i++)
		watch->inboxes[i].keep = false;
	for (size_t i = 0; i < count; i++)
	{
		Inbox *inbox = find(watch, folders[i].source);

		if (inbox != NULL && (strcmp(inbox->path, folders[i].path) != 0 ||
							  inbox->recursive != folders[i].recursive))
		{
			drop_inbox(watch, (size_t) (inbox - watch->inboxes));
			inbox = NULL;
		}
		if (inbox == NULL)
		{
			add_inbox(watch, &folders[i]);
			inbox = &watch->inboxes[watch->count - 1];
			look(watch, inbox);
		}
		inbox->settle = folders[i].settle_seconds;
		inbox->keep = true;
	}
	for (size_t i = watch->count; i > 0; i--)
		if (!watch->inboxes[i - 1].keep)
			drop_inbox(watch, i - 1);
}

void
watch_want(const Watch *watch, struct pollfd *fd, double *latest)
{
	*fd = (struct pollfd){.fd = watch != NULL ? watch->fd : -1, .events = POLLIN};
	for (size_t i = 0; watch != NULL && i < watch->count; i++)
		*latest = fmin(*latest, watch->inboxes[i].look_at);
}

double
watch_due_at(const Watch *watch)
{
	double earliest = INFINITY;

	for (size_t i = 0; watch != NULL && i < watch->count; i++)
		earliest = fmin(earliest, watch->inboxes[i].due);
	return earliest;
}

static void
something_appeared(Inbox *inbox)
{
	double now = clock_seconds();

	inbox->since = fmin(inbox->since, now);
	inbox->due =
		fmin(now + inbox->settle, inbox->since + fmax(LONGEST_DELAY, inbox->settle));
}

/* One event of a folder that is watched for this inbox. */
static void
take_event(Watch *watch, Inbox *inbox, const struct inotify_event *event, Place place)
{
	bool folder = (event->mask & IN_ISDIR) != 0;

	if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0)
	{
		/* it may come back, or something else in its place */
		if (place.depth == 0)
			inbox->look_at = clock_seconds() + LOOK_AGAIN;
		return;
	}
	if (event->len == 0 || settle_name_is_partial(event->name))
		return;
	if (folder && inbox->recursive)
		look(watch, inbox);
	/* a file is of interest when it is written; a folder may have brought some along */
	if (folder || (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0)
		something_appeared(inbox);
}

static void
spread_event(Watch *watch, const struct inotify_event *event)
{
	size_t count = watch->place_count; /* places of new folders stand behind them */

	for (size_t i = 0; i < watch->count; i++)
		if ((event->mask & IN_Q_OVERFLOW) != 0)
		{
			look(watch, &watch->inboxes[i]);
			something_appeared(&watch->inboxes[i]);
		}
	for (size_t i = 0; i < count && i < watch->place_count; i++)
	{
		Inbox *inbox = watch->places[i].wd == event->wd
						   ? find(watch, watch->places[i].source)
						   : NULL;

		if (inbox != NULL)
			take_event(watch, inbox, event, watch->places[i]);
	}
	for (size_t i = watch->place_count; (event->mask & IN_IGNORED) != 0 && i > 0; i--)
		if (watch->places[i - 1].wd == event->wd)
			drop_place(watch, i - 1);
}

void
watch_work(Watch *watch)
{
	char events[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	double now = clock_seconds();
	ssize_t length;

	if (watch == NULL)
		return;
	while ((length = read(watch->fd, events, sizeof events)) > 0)
	{
		const struct inotify_event *event;

		for (ssize_t at = 0; at < length; at += (ssize_t) (sizeof *event + event->len))
		{
			event = (const struct inotify_event *) (const void *) (events + at);
			spread_event(watch, event);
		}
	}
	for (size_t i = 0; i < watch->count; i++)
	{
		Inbox *inbox = &watch->inboxes[i];

		if (now < inbox->look_at)
			continue;
		look(watch, inbox);
		if (isinf(inbox->look_at)) /* it is back, perhaps with files */
			something_appeared(inbox);
	}
}

const char *
watch_due(Watch *watch)
{
	double now = clock_seconds();

	for (size_t i = 0; i < watch->count; i++)
	{
		Inbox *inbox = &watch->inboxes[i];

		if (now < inbox->due)
			continue;
		inbox->due = INFINITY;
		inbox->since = INFINITY;
		return inbox->source;
	}
	return NULL;
}

void
watch_again(Watch *watch, const char *source, double seconds)
{
	Inbox *inbox = find(watch, source);

	if (inbox != NULL)
		inbox->due = fmin(inbox->due, clock_seconds() + seconds);
}
