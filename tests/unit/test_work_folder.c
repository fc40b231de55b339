/* sources: task/work_folder.c base/path.c base/error.c base/utf8.c base/log.c */
/* libs: libcjson */
/*
 * tests/unit/test_work_folder.c
 *	  Scratch folders go with those who worked in them, and never before.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "tap.h"
#include "task/work_folder.h"

static char storage[] = "/tmp/leap-work-XXXXXX";

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* A worker that has made a folder and was killed, and its child that lives as long as the
 * caller lets it. Returns the child; killing it is all that is left to do. */
static pid_t
orphan(const char *task, char path[4200])
{
	int told[2];
	pid_t worker;
	pid_t child = -1;

	if (pipe(told) < 0 || (worker = fork()) < 0)
		return -1;
	if (worker == 0)
	{
		WorkFolder folder;
		Error err;

		if (!work_folder_make(storage, task, &folder, &err) || (child = fork()) < 0)
			_exit(1);
		if (child == 0)
			for (;;)
				(void) pause();
		(void) !write(told[1], &child, sizeof child);
		(void) !write(told[1], folder.path, sizeof folder.path);
		(void) raise(SIGKILL);
	}
	(void) waitpid(worker, NULL, 0);
	(void) !read(told[0], &child, sizeof child);
	(void) !read(told[0], path, 4200);
	(void) close(told[0]);
	(void) close(told[1]);
	return child;
}

/* Ends somebody else's child; what it held is free when the lock of its folder can be had. */
static void
end(pid_t child, const char *path)
{
	(void) kill(child, SIGKILL);
	for (int i = 0; i < 5000; i++)
	{
		CLEANUP(close) int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (folder < 0 || flock(folder, LOCK_EX | LOCK_NB) == 0)
			break;
		(void) usleep(1000);
	}
}

static void
test_living(void)
{
	WorkFolder folder;
	WorkFolder other;
	struct stat status;
	Error err = {0};

	ok(work_folder_make(storage, "17", &folder, &err), "made: %s", err.message);
	ok(stat(folder.path, &status) == 0 && (status.st_mode & 0777) == 0700,
	   "for its user alone");
	ok(work_folder_make(storage, "17", &other, &err) &&
		   strcmp(folder.path, other.path) != 0,
	   "another attempt has another one");
	work_folder_sweep(storage);
	ok(is_there(folder.path) && is_there(other.path), "a sweep leaves what is in use");
	work_folder_remove(&folder);
	ok(folder.path[0] == '\0' && is_there(other.path), "one is removed");
	work_folder_remove(&folder);
	work_folder_remove(&other);
}

static void
test_killed(void)
{
	WorkFolder folder;
	Error err = {0};
	char path[4200] = "";
	char same[4200] = "";
	char file[4300];
	pid_t child = orphan("18", path);
	pid_t child_of_same = orphan("19", same);

	ok(child > 0 && is_there(path), "the worker was killed, its child lives");
	snprintf(file, sizeof file, "%s/half", path);
	(void) close(open(file, O_WRONLY | O_CREAT, 0600));
	work_folder_sweep(storage);
	ok(is_there(path), "its folder stays");
	end(child, path);
	work_folder_sweep(storage);
	ok(!is_there(path), "with the child it goes, and what is in it");
	end(child_of_same, same);
	ok(is_there(same), "that of another task is there");
	ok(work_folder_make(storage, "1", &folder, &err) && is_there(same),
	   "no attempt takes away another task's folder");
	work_folder_remove(&folder);
	ok(work_folder_make(storage, "19", &folder, &err) && !is_there(same),
	   "the next attempt of the same task does");
	work_folder_remove(&folder);
}

/* Of other machines only the age is known. */
static void
test_foreign(void)
{
	static const struct
	{
		const char *name;
		bool old;
		bool stays;
	} rows[] = {
		{"20-00000000-11111111", false, true },
		{"21-00000000-11111111", true,  false},
		{"22-0a1b2c3d",          false, true },
		{"23-0a1b2c3d",          true,  false},
		{".hidden",              true,  true },
	};
	char path[4200];
	struct timespec long_ago[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		snprintf(path, sizeof path, "%s/tmp/%s", storage, rows[i].name);
		(void) mkdir(path, 0700);
		if (rows[i].old)
			(void) utimensat(AT_FDCWD, path, long_ago, 0);
	}
	work_folder_sweep(storage);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		snprintf(path, sizeof path, "%s/tmp/%s", storage, rows[i].name);
		ok(is_there(path) == rows[i].stays, "%s %s", rows[i].name,
		   rows[i].stays ? "stays" : "goes");
	}
}

int
main(void)
{
	Error err;

	log_set_level("error");
	if (mkdtemp(storage) == NULL)
		return 1;
	work_folder_sweep(storage);
	ok(true, "a storage without work folders is fine");
	test_living();
	test_killed();
	test_foreign();
	ok(path_remove_tree(AT_FDCWD, storage, &err), "all is removed");
	return done_testing();
}
