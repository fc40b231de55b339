/*
 * base/process_media.c
 *	  One run of leap-media: its answer is collected, its progress relayed, its life ended
 *	  when nobody wants the answer any more.
 */
#include "base/media_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/media_guard.h"
#include "base/process.h"

#define MAX_ARGUMENTS 64
#define MAX_ANSWER    ((size_t) 64 * 1024 * 1024)
#define MAX_LINE      ((size_t) 64 * 1024) /* of progress: it tells a number */
#define TICK_MS       200
#define CLOSED_MS     5 /* all is said: the process ends at once */

/* Why it was ended before it ended itself. */
typedef enum Excess
{
	EXCESS_NONE,
	EXCESS_TIME,
	EXCESS_ANSWER,
	EXCESS_PROGRESS
} Excess;

struct MediaRun
{
	pid_t pid;       /* -1 after its end */
	int answer_fd;   /* -1 after end of file */
	int progress_fd; /* -1 after end of file */
	Buffer answer;
	Buffer progress;
	double fraction; /* the last one reported by leap-media */
	int status;      /* of waitpid */
	MediaLimits limits;
	int input;           /* the caller's first descriptor, -1: none */
	double most_seconds; /* from the moment its input is complete; 0: it is not yet */
	double deadline;     /* by clock_seconds() */
	Excess excess;
};

static void
kill_and_reap(MediaRun *run)
{
	if (run->pid <= 0)
		return;
	process_signal_group(run->pid, SIGKILL);
	while (waitpid(run->pid, &run->status, 0) < 0 && errno == EINTR)
		;
	run->pid = -1;
}

void
media_run_end(MediaRun *run)
{
	if (run == NULL)
		return;

	kill_and_reap(run);
	cleanup_close(&run->answer_fd);
	cleanup_close(&run->progress_fd);
	buffer_free(&run->answer);
	buffer_free(&run->progress);
	free(run);
}

/* Starts the program with the caller's descriptors, its answer on 1 and progress on the
 * first free number. */
static bool
start(MediaRun *run, const char *program, const char *const *argv, const ProcessFd *fds,
	  size_t fd_count, Error *err)
{
	const char *arguments[MAX_ARGUMENTS + 6] = {"leap-media"};
	ProcessFd all[MAX_ARGUMENTS];
	char number[16];
	char log[LOG_DESCRIPTION_SIZE];
	size_t count = 1;
	int free_number = 3;
	int answer[2];
	int progress[2];

	while (count <= MAX_ARGUMENTS && argv[count - 1] != NULL)
	{
		arguments[count] = argv[count - 1];
		count++;
	}
	if (count > MAX_ARGUMENTS || fd_count + 2 > MAX_ARGUMENTS)
		return error_set(err, ERROR_PERMANENT, "process_start", HINT_BUG,
						 "more than %d arguments for leap-media", MAX_ARGUMENTS - 1);
	for (size_t i = 0; i < fd_count; i++)
	{
		all[i] = fds[i];
		if (fds[i].as >= free_number)
			free_number = fds[i].as + 1;
	}
	run->limits = media_guard_limits(argv, fds, fd_count);
	run->input = fd_count > 0 ? fds[0].fd : -1;
	if (pipe2(answer, O_CLOEXEC) < 0)
		return error_errno(err, "process_start", "cannot make a pipe for leap-media");
	run->answer_fd = answer[0];
	CLEANUP(close) int answer_write = answer[1];

	if (pipe2(progress, O_CLOEXEC) < 0)
		return error_errno(err, "process_start", "cannot make a pipe for leap-media");
	run->progress_fd = progress[0];
	CLEANUP(close) int progress_write = progress[1];

	(void) fcntl(run->answer_fd, F_SETFL, O_NONBLOCK);
	(void) fcntl(run->progress_fd, F_SETFL, O_NONBLOCK);
	snprintf(number, sizeof number, "%d", free_number);
	arguments[count] = "--progress";
	arguments[count + 1] = number;
	if (log_describe(NULL, log, sizeof log))
	{
		arguments[count + 2] = "--log";
		arguments[count + 3] = log;
	}
	all[fd_count] = (ProcessFd){answer_write, STDOUT_FILENO};
	all[fd_count + 1] = (ProcessFd){progress_write, free_number};
	return process_spawn(program, arguments, all, fd_count + 2, &run->pid, err);
}

/* Moves what the descriptor holds into buffer, which then has little more than `most` bytes;
 * closes it at its end. */
static void
drain(int *fd, Buffer *buffer, size_t most)
{
	char block[16384];

	while (*fd >= 0)
	{
		ssize_t length = read(*fd, block, sizeof block);

		if (length > 0)
			buffer_append(buffer, block, (size_t) length);
		else if (length < 0 && errno == EINTR)
			continue;
		else if (length < 0 && errno == EAGAIN)
			return;
		else
		{
			(void) close(*fd);
			*fd = -1;
		}
		if (buffer->length > most)
			return;
	}
}

/* Takes the last whole line of the progress pipe as the fraction. */
static void
read_fraction(MediaRun *run)
{
	char *end;

	while ((end = memchr(run->progress.data, '\n', run->progress.length)) != NULL)
	{
		double fraction = strtod(run->progress.data, NULL);

		if (fraction >= 0 && fraction <= 1)
			run->fraction = fraction;
		buffer_consume(&run->progress, (size_t) (end - run->progress.data) + 1);
	}
}

MediaRun *
media_run_start(const char *program, const char *const *argv, const ProcessFd *fds,
				size_t fd_count, Error *err)
{
	MediaRun *run = calloc(1, sizeof *run);

	if (run == NULL)
	{
		error_errno(err, "process_start", "no memory to run leap-media");
		return NULL;
	}
	run->pid = -1;
	run->answer_fd = -1;
	run->progress_fd = -1;
	buffer_init(&run->answer);
	buffer_init(&run->progress);
	if (start(run, program, argv, fds, fd_count, err))
		return run;
	media_run_end(run);
	return NULL;
}

void
media_run_limit(MediaRun *run, const Reporter *reporter)
{
	if (run->most_seconds > 0)
		return;
	run->most_seconds = media_guard_seconds(&run->limits, run->input, reporter);
	run->deadline = clock_seconds() + run->most_seconds;
}

static Excess
find_excess(const MediaRun *run)
{
	if (run->answer.length > MAX_ANSWER)
		return EXCESS_ANSWER;
	if (run->progress.length > MAX_LINE)
		return EXCESS_PROGRESS;
	return run->most_seconds > 0 && clock_seconds() > run->deadline ? EXCESS_TIME
																	: EXCESS_NONE;
}

bool
media_run_turn(MediaRun *run, int wait_ms, double *fraction)
{
	struct pollfd fds[2] = {
		{.fd = run->answer_fd,   .events = POLLIN},
		{.fd = run->progress_fd, .events = POLLIN}
    };
	bool closed = run->answer_fd < 0 && run->progress_fd < 0;

	if (run->pid > 0)
		(void) poll(fds, 2, closed && wait_ms > CLOSED_MS ? CLOSED_MS : wait_ms);
	drain(&run->answer_fd, &run->answer, MAX_ANSWER);
	drain(&run->progress_fd, &run->progress, MAX_LINE);
	read_fraction(run);
	*fraction = run->fraction;
	if (closed && run->pid > 0 && waitpid(run->pid, &run->status, WNOHANG) == run->pid)
		run->pid = -1;
	if (run->pid > 0 && (run->excess = find_excess(run)) != EXCESS_NONE)
		kill_and_reap(run);
	return run->pid < 0;
}

/* Waits until leap-media has ended or must be ended: false with *err. */
static bool
follow(MediaRun *run, const Reporter *reporter, double from, double to, const char *step,
	   Error *err)
{
	double fraction;

	media_run_limit(run, reporter);
	while (!media_run_turn(run, TICK_MS, &fraction))
		if (reporter != NULL && reporter->progress != NULL &&
			!reporter->progress(reporter->arg, from + (to - from) * fraction, step))
			return error_set(err, ERROR_LOST, "cancelled", NULL, "stopped while %s",
							 step);
	return true;
}

/* Of a run that was ended. */
static bool
refuse_excess(const MediaRun *run, const char *step, Error *err)
{
	if (run->excess == EXCESS_TIME)
		return media_guard_overdue(run->most_seconds, step, err);
	if (run->excess == EXCESS_ANSWER)
		return error_set(err, ERROR_TRANSIENT, "media_died", NULL,
						 "leap-media answered more than %zu bytes while %s", MAX_ANSWER,
						 step);
	return error_set(err, ERROR_TRANSIENT, "media_died", NULL,
					 "leap-media told a line of more than %zu bytes as progress while %s",
					 MAX_LINE, step);
}

static const char *
text_of(const cJSON *object, const char *key, const char *otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(item) ? item->valuestring : otherwise;
}

/* Of a run that has ended. */
static bool
take_answer(const MediaRun *run, const char *step, cJSON **result, Error *err)
{
	CLEANUP(json)
	cJSON *answer = cJSON_ParseWithLength(run->answer.data, run->answer.length);
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(answer, "error");

	if (run->excess != EXCESS_NONE)
		return refuse_excess(run, step, err);
	if (WIFEXITED(run->status) && WEXITSTATUS(run->status) == 0 &&
		cJSON_IsObject(answer) && error == NULL)
	{
		*result = answer;
		answer = NULL;
		return true;
	}
	if (WIFEXITED(run->status) && cJSON_IsObject(error))
		return error_set(err, error_class_of(text_of(error, "class", "permanent")),
						 text_of(error, "code", "media_failed"),
						 text_of(error, "hint", NULL), "%s",
						 text_of(error, "message", "leap-media gave no message"));
	return media_guard_died(&run->limits, run->status, step, err);
}

bool
media_run_wait(MediaRun *run, const Reporter *reporter, double from, double to,
			   const char *step, cJSON **result, Error *err)
{
	*result = NULL;
	return follow(run, reporter, from, to, step, err) &&
		   take_answer(run, step, result, err);
}

bool
process_media(const char *program, const char *const *argv, const ProcessFd *fds,
			  size_t fd_count, const Reporter *reporter, double from, double to,
			  const char *step, cJSON **result, Error *err)
{
	MediaRun *run = media_run_start(program, argv, fds, fd_count, err);
	bool done = run != NULL && media_run_wait(run, reporter, from, to, step, result, err);

	if (run == NULL)
		*result = NULL;
	media_run_end(run);
	return done;
}
