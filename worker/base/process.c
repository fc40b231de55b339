/*
 * base/process.c
 *	  Starting a program that sees only what it is given.
 */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Every target number lies below, every source is moved to or above: they cannot collide. */
#define FIRST_SAFE_FD 64

/* What the new process tells its parent when it cannot become the program. */
typedef struct SpawnFailure
{
	int error;
} SpawnFailure;

static void
give_up(int failure_fd)
{
	SpawnFailure failure = {.error = errno};

	(void) !write(failure_fd, &failure, sizeof failure);
	_exit(127);
}

/* Gives descriptor `as` its meaning; the source is already out of the way. */
static void
place_fd(int source, int as, int failure_fd)
{
	if (source < 0 || dup2(source, as) < 0)
		give_up(failure_fd);
}

static int
source_of(const ProcessFd *fds, size_t fd_count, int as)
{
	for (size_t i = 0; i < fd_count; i++)
		if (fds[i].as == as)
			return fds[i].fd;
	return -1;
}

/* Puts all descriptors in place and marks the rest close-on-exec. Runs after fork: only
 * calls that are safe there. */
static void
arrange_fds(const ProcessFd *fds, size_t fd_count, int failure_fd)
{
	int moved[FIRST_SAFE_FD];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int as = 0; as < FIRST_SAFE_FD; as++)
	{
		int source = source_of(fds, fd_count, as);

		if (source < 0 && as < 2)
			source = null;
		if (source < 0 && as == 2)
			source = STDERR_FILENO;
		moved[as] = source < 0 ? -1 : fcntl(source, F_DUPFD_CLOEXEC, FIRST_SAFE_FD);
		if (source >= 0 && moved[as] < 0)
			give_up(failure_fd);
	}
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		for (int fd = 3; fd < 1024; fd++)
			(void) fcntl(fd, F_SETFD, FD_CLOEXEC);
	for (int as = 0; as < FIRST_SAFE_FD; as++)
		if (moved[as] >= 0)
			place_fd(moved[as], as, failure_fd);
}

static void
reset_signals(void)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int signal = 1; signal < NSIG; signal++)
		if (signal != SIGKILL && signal != SIGSTOP)
			(void) sigaction(signal, &standard, NULL);
	sigemptyset(&none);
	(void) sigprocmask(SIG_SETMASK, &none, NULL);
}

static void __attribute__((noreturn))
become(const ProcessPlace *place, const char *program, const char *const *argv,
	   const ProcessFd *fds, size_t fd_count, pid_t parent, int failure_fd)
{
	const char *const no_environment[] = {NULL};
	/* moved above the targets, or a target could land on it */
	int safe = fcntl(failure_fd, F_DUPFD_CLOEXEC, FIRST_SAFE_FD);

	(void) setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		give_up(safe);
	if (getppid() != parent)
		_exit(127); /* the parent died before the call above could notice */
	arrange_fds(fds, fd_count, safe);
	reset_signals();
	/* execve changes neither array; its prototype predates const */
	union
	{
		const char *const *ours;
		char *const *theirs;
	} arguments = {.ours = argv},
	  environment = {.ours = place->environment != NULL ? place->environment
														: no_environment};

	if ((place->folder != NULL && chdir(place->folder) < 0) ||
		(place->enter != NULL && !place->enter(place->arg)))
		give_up(safe);
	execve(program, arguments.theirs, environment.theirs);
	give_up(safe);
	_exit(127);
}

bool
process_spawn(const char *program, const char *const *argv, const ProcessFd *fds,
			  size_t fd_count, pid_t *pid, Error *err)
{
	static const ProcessPlace usual = {NULL, NULL, NULL, NULL};

	return process_spawn_in(&usual, program, argv, fds, fd_count, pid, err);
}

bool
process_spawn_in(const ProcessPlace *place, const char *program, const char *const *argv,
				 const ProcessFd *fds, size_t fd_count, pid_t *pid, Error *err)
{
	int pipe_fds[2];
	pid_t parent = getpid();
	SpawnFailure failure;

	for (size_t i = 0; i < fd_count; i++)
		if (fds[i].as < 0 || fds[i].as >= FIRST_SAFE_FD)
			return error_set(err, ERROR_PERMANENT, "process_start", HINT_BUG,
							 "descriptor number %d for %s is not in 0..%d", fds[i].as,
							 program, FIRST_SAFE_FD - 1);
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return error_errno(err, "process_start", "cannot make a pipe for %s", program);

	CLEANUP(close) int failure_read = pipe_fds[0];
	CLEANUP(close) int failure_write = pipe_fds[1];

	*pid = fork();
	if (*pid < 0)
		return error_errno(err, "process_start", "cannot fork for %s", program);
	if (*pid == 0)
		become(place, program, argv, fds, fd_count, parent, failure_write);

	/* also here: whoever is first, the group exists before anyone signals it */
	(void) setpgid(*pid, *pid);
	(void) close(failure_write);
	failure_write = -1;

	ssize_t length;

	do
		length = read(failure_read, &failure, sizeof failure);
	while (length < 0 && errno == EINTR);
	if (length == (ssize_t) sizeof failure)
	{
		while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
			;
		*pid = -1;
		errno = failure.error;
		return error_errno(err, "process_start", "cannot run %s", program);
	}
	return true;
}

void
process_signal_group(pid_t pid, int signal)
{
	if (pid > 1)
		(void) kill(-pid, signal);
}

void
process_describe_status(int status, char *text, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(text, size, "signal %d (%s)", WTERMSIG(status),
				 strsignal(WTERMSIG(status)));
	else
		snprintf(text, size, "exit status %d", WEXITSTATUS(status));
}
