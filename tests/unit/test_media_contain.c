/* sources: media/contain.c media/contain_calls.c media/contain_paths.c base/error.c base/utf8.c */
/* libs: libseccomp -lpthread */
/* plain: the address sanitizer needs what is taken away here */
/*
 * What a process cannot do after contain_process(): each attempt in a child of its own, which
 * tells by its exit status how it was refused.
 */
#include "media/contain.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define MEMORY (INT64_C(256) << 20)
#define FILES  (INT64_C(1) << 20)

/* Exit statuses of a child; an errno is told as it is. */
enum
{
	SUCCEEDED = 200,
	BROKEN = 201
};

static const MediaLimits limits = {
	.memory_bytes = MEMORY, .file_bytes = FILES, .cpu_seconds = 1, .wall_seconds = 10};

static Contained contained; /* what this kernel can do */
static int output;          /* an open file of nothing */
static pid_t stranger;      /* a process that nobody may touch */

static int
told(long result)
{
	return result < 0 ? errno : SUCCEEDED;
}

/* Runs the attempt, contained, in a child: its wait status. */
static int
attempt(int (*what)(void), const char *folder)
{
	Contained ignored;
	Error err;
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(contain_process(&limits, folder, &ignored, &err) ? what() : BROKEN);
	waitpid(pid, &status, 0);
	return status;
}

static bool
is_refused(int (*what)(void), int number, const char *name)
{
	int status = attempt(what, NULL);

	if (ok(WIFEXITED(status) && WEXITSTATUS(status) == number, "%s: %s", name,
		   number == SUCCEEDED ? "allowed" : strerror(number)))
		return true;
	printf("# wait status %#x\n", status);
	return false;
}

static bool
is_deadly(int (*what)(void), int signal, const char *name)
{
	int status = attempt(what, NULL);

	if (ok(WIFSIGNALED(status) && WTERMSIG(status) == signal, "%s: %s", name,
		   strsignal(signal)))
		return true;
	printf("# wait status %#x\n", status);
	return false;
}

static int
open_file(void)
{
	return told(open("/etc/passwd", O_RDONLY));
}

static int
open_descriptor(void)
{
	return told(open("/proc/self/mem", O_RDWR));
}

static int
make_file(void)
{
	return told(open("/tmp/leap-contain-made", O_WRONLY | O_CREAT, 0600));
}

static int
remove_file(void)
{
	return told(unlink("/tmp/leap-contain-made"));
}

static int
list_folder(void)
{
	return told(syscall(SYS_getdents64, output, &(char[64]){0}, 64));
}

static int
make_socket(void)
{
	return told(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
make_network_socket(void)
{
	return told(socket(AF_INET, SOCK_STREAM, 0));
}

static int
run_program(void)
{
	return told(execl("/bin/true", "true", NULL));
}

static int
make_process(void)
{
	return told(fork());
}

static int
trace(void)
{
	return told(ptrace(PTRACE_SEIZE, stranger, NULL, NULL));
}

static int
send_signal(void)
{
	return told(kill(stranger, SIGUSR1));
}

static int
send_thread_signal(void)
{
	return told(syscall(SYS_tgkill, stranger, stranger, SIGUSR1));
}

static int
read_stranger(void)
{
	return told(syscall(SYS_process_vm_readv, stranger, NULL, 0, NULL, 0, 0));
}

static int
map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
			   ? errno
			   : SUCCEEDED;
}

static int
gain_privileges(void)
{
	return told(setuid(0));
}

static int
make_ring(void)
{
	return told(syscall(SYS_io_uring_setup, 8, &(char[120]){0}));
}

static int
raise_limit(void)
{
	return told(setrlimit(RLIMIT_AS, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}));
}

static int
write_much(void)
{
	static char block[65536];

	for (int i = 0; i < 32; i++)
		if (write(output, block, sizeof block) < 0)
			return errno;
	return SUCCEEDED;
}

static int
extend_file(void)
{
	return told(ftruncate(output, FILES + 1));
}

static int
take_memory(void)
{
	for (int i = 0; i < 64; i++)
	{
		char *block = malloc((size_t) MEMORY / 16);

		if (block == NULL)
			return errno;
		memset(block, 1, (size_t) MEMORY / 16);
	}
	return SUCCEEDED;
}

static int
take_time(void)
{
	for (volatile unsigned long i = 0;; i++)
		;
	return SUCCEEDED;
}

static int
crash(void)
{
	abort();
	return SUCCEEDED;
}

static void *
answer(void *arg)
{
	void *memory = malloc(100000);

	*(int *) arg = memory != NULL ? 42 : 0;
	free(memory);
	return NULL;
}

static int
start_thread(void)
{
	pthread_t thread;
	int value = 0;
	int result = pthread_create(&thread, NULL, answer, &value);

	if (result != 0)
		return result;
	(void) pthread_join(thread, NULL);
	return value == 42 ? SUCCEEDED : EINVAL;
}

static int
use_file(void)
{
	struct stat status;
	char text[5];

	return pwrite(output, "hello", 5, 0) == 5 && pread(output, text, 5, 0) == 5 &&
				   fstat(output, &status) == 0 && fsync(output) == 0 &&
				   ftruncate(output, 0) == 0
			   ? SUCCEEDED
			   : errno;
}

static int
ends_with_parent(void)
{
	int signal = 0;

	/* asked before, by contain_process; now nobody may ask */
	return prctl(PR_GET_PDEATHSIG, &signal) < 0 ? errno : SUCCEEDED;
}

static void
test_work(void)
{
	is_refused(use_file, SUCCEEDED, "descriptors that are open");
	is_refused(start_thread, SUCCEEDED, "threads with memory");
	is_refused(ends_with_parent, contained.filters ? EPERM : SUCCEEDED,
			   "other questions");
	is_deadly(crash, SIGABRT, "abort()");
}

static void
test_files(void)
{
	int status;

	if (!contained.filters && contained.landlock == 0)
	{
		ok(true, "files: this kernel has neither seccomp nor Landlock");
		return;
	}
	/* seccomp is asked first */
	is_refused(open_file, contained.filters ? EPERM : EACCES, "reading a file");
	is_refused(open_descriptor, contained.filters ? EPERM : EACCES, "its own memory");
	is_refused(make_file, contained.filters ? EPERM : EACCES, "making a file");
	is_refused(remove_file, contained.filters ? EPERM : ENOENT, "removing a file");
	status = attempt(open_file, "/etc");
	is_int(WEXITSTATUS(status), SUCCEEDED, "below the folder of the model it reads");
	status = attempt(open_file, "/usr/share");
	is_int(WEXITSTATUS(status), contained.landlock > 0 ? EACCES : SUCCEEDED,
		   "not beside it");
	status = attempt(open_file, "/nowhere");
	is_int(WEXITSTATUS(status), contained.landlock > 0 ? EACCES : SUCCEEDED,
		   "without that folder nothing");
	status = attempt(make_file, "/tmp");
	ok(WEXITSTATUS(status) != SUCCEEDED && WEXITSTATUS(status) != BROKEN,
	   "and makes nothing there");
}

static void
test_calls(void)
{
	if (!contained.filters)
	{
		ok(true, "system calls: this kernel has no seccomp");
		return;
	}
	is_refused(list_folder, EPERM, "listing a folder");
	is_refused(map_code, EPERM, "memory that is executable");
	is_refused(raise_limit, EPERM, "higher limits");
	is_refused(send_thread_signal, EPERM, "a signal to a thread of somebody else");
	is_deadly(make_socket, SIGSYS, "a local socket");
	is_deadly(make_network_socket, SIGSYS, "a network socket");
	is_deadly(run_program, SIGSYS, "another program");
	is_deadly(make_process, SIGSYS, "another process");
	is_deadly(trace, SIGSYS, "tracing another process");
	is_deadly(read_stranger, SIGSYS, "reading another process");
	is_deadly(send_signal, SIGSYS, "a signal to another process");
	is_deadly(gain_privileges, SIGSYS, "another user");
	is_deadly(make_ring, SIGSYS, "system calls by a ring");
}

/* Refuses what containment needs, as an old kernel or a container does. */
static int
contain_without(void)
{
	static const int calls[] = {SCMP_SYS(seccomp), SCMP_SYS(landlock_create_ruleset)};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	Contained less = {true, 1};
	Error err;

	for (int i = 0; i < 2; i++)
		(void) seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), calls[i], 0);
	if (seccomp_load(filter) != 0)
		return BROKEN;
	seccomp_release(filter);
	if (!contain_process(&limits, NULL, &less, &err))
		return BROKEN;
	return less.filters || less.landlock != 0 ? EINVAL : write_much();
}

/* Whatever the kernel lacks, the program runs, says so, and the limits hold. */
static void
test_less(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(contain_without());
	waitpid(pid, &status, 0);
	is_int(WIFEXITED(status) ? WEXITSTATUS(status) : -status, EFBIG,
		   "without seccomp and Landlock the limits are left");
}

static void
test_resources(void)
{
	is_refused(write_much, EFBIG, "a file that grows beyond its limit");
	is_refused(extend_file, EFBIG, "a file with a hole beyond it");
	is_refused(take_memory, ENOMEM, "memory beyond its limit");
	is_deadly(take_time, SIGXCPU, "processor time beyond its limit");
}

int
main(void)
{
	char name[] = "/tmp/leap-contain-XXXXXX";
	Error err = {0};
	int pipe_fds[2];

	output = mkstemp(name);
	(void) unlink(name);
	stranger = fork();
	if (stranger == 0)
		for (;;)
			pause();
	(void) !pipe(pipe_fds);
	if (fork() == 0)
	{
		bool done = contain_process(&limits, NULL, &contained, &err);

		(void) !write(pipe_fds[1], &contained, sizeof contained);
		_exit(done ? 0 : 1);
	}
	(void) !read(pipe_fds[0], &contained, sizeof contained);
	printf("# seccomp: %s, Landlock: version %d\n", contained.filters ? "yes" : "no",
		   contained.landlock);
	test_work();
	test_files();
	test_calls();
	test_less();
	test_resources();
	(void) kill(stranger, SIGKILL);
	return done_testing();
}
