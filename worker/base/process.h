/*
 * base/process.h
 *	  Running another program: what it may see is listed, everything else is closed.
 *
 * A program started here has an empty environment, a process group of its own, exactly
 * the descriptors it was given, and dies with its parent (PR_SET_PDEATHSIG).
 */
#ifndef LEAP_BASE_PROCESS_H
#define LEAP_BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/report.h"

/* Descriptor `fd` of ours is number `as` in the new program; `as` is below 64. */
typedef struct ProcessFd
{
	int fd;
	int as;
} ProcessFd;

/*
 * Starts program (an absolute path) with argv (argv[0] included, NULL-terminated).
 * Descriptors 0, 1, 2 that are not listed lead to /dev/null, /dev/null and our standard
 * error. The caller waits for *pid.
 */
bool process_spawn(const char *program, const char *const *argv, const ProcessFd *fds,
				   size_t fd_count, pid_t *pid, Error *err);

/* Where a program lives that is given more, or allowed less, than the above. */
typedef struct ProcessPlace
{
	const char *const *environment; /* "NAME=value", NULL-terminated; NULL = empty */
	const char *folder;             /* its current folder; NULL = ours */

	/* Runs in the new process right before the program: only calls that are safe after
	 * fork. False, with errno: the program is not started. May be NULL. */
	bool (*enter)(const void *arg);
	const void *arg;
} ProcessPlace;

/* process_spawn() into a place. */
bool process_spawn_in(const ProcessPlace *place, const char *program,
					  const char *const *argv, const ProcessFd *fds, size_t fd_count,
					  pid_t *pid, Error *err);

/* Sends signal to the process group that pid leads; a group that is gone is no error. */
void process_signal_group(pid_t pid, int signal);

/* Fills text with what a waitpid status says: "exit status 3", "signal 9 (Killed)". */
void process_describe_status(int status, char *text, size_t size);

/*
 * Runs leap-media to its end and returns its answer (docs/protocol.md, section 3).
 *
 * argv starts with the command ("analyse") and ends with NULL; the program's name is not
 * part of it, and `--progress FD` is added here. *fds are the descriptors that argv names,
 * 3 or higher. Progress is scaled into from..to of the whole task and given to reporter
 * (may be NULL) under the name `step`. When reporter says stop, the process group is ended
 * and the error has class lost, code cancelled. leap-media's own error becomes *err; a
 * signal, a time-out or an answer that is no JSON is transient, code media_died.
 */
bool process_media(const char *program, const char *const *argv, const ProcessFd *fds,
				   size_t fd_count, const Reporter *reporter, double from, double to,
				   const char *step, cJSON **result, Error *err);

#endif
