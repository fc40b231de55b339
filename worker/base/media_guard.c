/*
 * base/media_guard.c
 *	  The limits of leap-media, seen from outside.
 */
#include "base/media_guard.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* What a signal says of the program that died by it. */
typedef struct Death
{
	int signal;
	const char *what;
} Death;

static const Death deaths[] = {
	{SIGXCPU, "it used up its processor time"                                     },
	{SIGSYS,  "it asked the kernel for what parsing media does not need"          },
	{SIGABRT, "it gave up, perhaps for lack of memory"                            },
	{SIGKILL, "it was killed, perhaps because the machine's memory ran out"       },
	{SIGSEGV, "it crashed"														},
	{SIGBUS,  "it crashed, perhaps because a file became shorter or the disk full"},
	{SIGILL,  "it crashed"														},
	{SIGFPE,  "it crashed"														},
};

MediaLimits
media_guard_limits(const char *const *argv, const ProcessFd *fds, size_t fd_count)
{
	int64_t most = 0;
	struct stat status;

	for (size_t i = 0; i < fd_count; i++)
		if (fstat(fds[i].fd, &status) == 0 && S_ISREG(status.st_mode) &&
			status.st_size > most)
			most = status.st_size;
	return media_limits(argv, most);
}

double
media_guard_seconds(const MediaLimits *limits, int input, const Reporter *reporter)
{
	struct stat status;
	double most = reporter != NULL ? reporter->media_seconds : 0;
	double seconds = fstat(input, &status) == 0
						 ? media_limits_wall(limits, status.st_size)
						 : limits->wall_seconds;

	return most > 0 && most < seconds ? most : seconds;
}

bool
media_guard_overdue(double seconds, const char *step, Error *err)
{
	return error_set(err, ERROR_TRANSIENT, "media_died",
					 "A recording that makes it hang does so each time; "
					 "--media-seconds of the worker limits it further.",
					 "leap-media was ended: it took longer than %.0f seconds while %s",
					 seconds, step);
}

bool
media_guard_died(const MediaLimits *limits, int status, const char *step, Error *err)
{
	char how[96];
	const char *what = "it gave no usable answer";

	process_describe_status(status, how, sizeof how);
	for (size_t i = 0; WIFSIGNALED(status) && i < sizeof deaths / sizeof deaths[0]; i++)
		if (deaths[i].signal == WTERMSIG(status))
			what = deaths[i].what;
	return error_set(err, ERROR_TRANSIENT, "media_died",
					 "The worker's log holds what leap-media printed.",
					 "leap-media ended by %s while %s: %s (it may use %lld MiB of memory "
					 "and %.0f seconds of processor time)",
					 how, step, what, (long long) limits->memory_bytes >> 20,
					 limits->cpu_seconds);
}
