/* sources: source/watch.c source/settle.c base/clock.c base/log.c base/error.c base/utf8.c base/buffer.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_watch.c
 *	  What is noticed in inboxes, and what is told of it: once, when it is over.
 */
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "source/watch.h"
#include "tap.h"

#define SETTLE 0.05

static char base[] = "/tmp/leap-watch-XXXXXX";

static const char *
at(const char *name)
{
	static char path[8][256];
	static int next;
	char *place = path[next++ % 8];

	snprintf(place, sizeof path[0], "%s/%s", base, name);
	return place;
}

static void
spew(const char *name)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, "x", 1) != 1)
		printf("# cannot write %s\n", name);
	close(fd);
}

/* Lets the watch work until something is due or nothing is on its way; what is due, or "". */
static const char *
due(Watch *watch)
{
	double until = clock_seconds() + 10;

	while (clock_seconds() < until)
	{
		struct pollfd fd;
		double latest = INFINITY;
		const char *source;

		watch_work(watch);
		source = watch_due(watch);
		if (source != NULL)
			return source;
		if (isinf(watch_due_at(watch)))
			return "";
		watch_want(watch, &fd, &latest);
		(void) poll(&fd, 1, 5);
	}
	return "never";
}

static void
set(Watch *watch, const char *source, const char *path, bool recursive)
{
	WatchFolder folder = {source, path, recursive, SETTLE};

	watch_set(watch, &folder, source != NULL ? 1 : 0);
}

static void
test_files(Watch *watch)
{
	spew("in/before.mp4");
	set(watch, "one", at("in"), true);
	is_str(due(watch), "", "what was there before is not new");
	spew("in/a.mp4");
	spew("in/b.mp4");
	is_str(due(watch), "one", "files that were written");
	is_str(due(watch), "", "are told once");
	spew("in/c.mp4.part");
	spew("in/.hidden");
	is_str(due(watch), "", "files that are being made are not told");
	if (rename(at("in/c.mp4.part"), at("in/c.mp4")) == 0)
		is_str(due(watch), "one", "until they get their name");
	if (rename(at("outside.mp4"), at("in/outside.mp4")) == 0)
		is_str(due(watch), "one", "a file that is moved in");
	if (unlink(at("in/a.mp4")) == 0)
		is_str(due(watch), "", "one that goes is nothing new");
}

static void
test_folders(Watch *watch)
{
	(void) mkdir(at("in/deep"), 0700);
	is_str(due(watch), "one", "a folder may bring files along");
	(void) mkdir(at("in/deep/er"), 0700);
	is_str(due(watch), "one", "so may one in it");
	spew("in/deep/er/d.mp4");
	is_str(due(watch), "one", "a file deep in new folders");
	set(watch, "one", at("in"), false);
	spew("in/deep/er/e.mp4");
	is_str(due(watch), "", "only if folders count");
	spew("in/f.mp4");
	is_str(due(watch), "one", "the inbox itself always does");
}

static void
test_changes(Watch *watch)
{
	const WatchFolder both[] = {
		{"one", at("in"), true, SETTLE},
        {"two", at("in"), true, SETTLE}
    };
	const char *first;

	watch_set(watch, both, 2);
	spew("in/g.mp4");
	first = due(watch);
	ok(strcmp(first, "one") == 0 || strcmp(first, "two") == 0,
	   "one of two inboxes of a folder");
	ok(strcmp(due(watch), first) != 0, "and the other");
	watch_set(watch, both + 1, 1);
	spew("in/h.mp4");
	is_str(due(watch), "two", "one that is left is watched on");
	is_str(due(watch), "", "one that was taken away is not");
	watch_again(watch, "two", 0);
	is_str(due(watch), "two", "what could not be told is told again");
	watch_again(watch, "one", 0);
	is_str(due(watch), "", "if anybody still wants to know");
	set(watch, NULL, NULL, false);
	spew("in/i.mp4");
	is_str(due(watch), "", "nothing is watched any more");
}

/* While files keep coming the inbox is due after a while all the same: bounded, not tested
 * by waiting for it. Here: each one puts it off. */
static void
test_delay(Watch *watch)
{
	double one;

	set(watch, "one", at("in"), true);
	spew("in/j.mp4");
	watch_work(watch);
	one = watch_due_at(watch);
	ok(!isinf(one) && one <= clock_seconds() + SETTLE, "due when it has settled");
	spew("in/k.mp4");
	watch_work(watch);
	ok(watch_due_at(watch) >= one, "another file does not make it sooner");
	is_str(due(watch), "one", "both are told together");
	is_str(due(watch), "", "once");
}

static void
test_missing(Watch *watch)
{
	struct pollfd fd;
	double latest = INFINITY;

	set(watch, "one", at("none"), true);
	watch_want(watch, &fd, &latest);
	ok(!isinf(latest) && latest > clock_seconds() + 1,
	   "a folder that is not there is looked for later");
	is_str(due(watch), "", "and is no news");
	watch_want(NULL, &fd, &latest);
	watch_work(NULL);
	is_int(fd.fd, -1, "without inotify there is nothing to poll for");
	ok(isinf(watch_due_at(NULL)), "and nothing is due");
}

int
main(void)
{
	Error err;
	Watch *watch = watch_new(&err);
	char command[64];

	if (watch == NULL || mkdtemp(base) == NULL || mkdir(at("in"), 0700) < 0)
		return 1;
	spew("outside.mp4");
	test_files(watch);
	test_folders(watch);
	test_changes(watch);
	test_delay(watch);
	test_missing(watch);
	watch_free(watch);
	snprintf(command, sizeof command, "rm -r %s", base);
	ok(system(command) == 0, "cleaned up"); /* banned: ok, the path is our own */
	return done_testing();
}
