/*
 * media/contain_calls.c
 *	  The list of system calls that parsing media needs.
 */
#include "media/contain_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"

#define API_OF_KILL_PROCESS 3

/* Reading, writing and waiting on what is open; memory; threads; clocks; the end. */
static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(preadv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(pwrite64),
	SCMP_SYS(pwritev),
	SCMP_SYS(lseek),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat), /* the C library's fstat; tells of a name whether it exists */
	SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate),
	SCMP_SYS(fadvise64),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(sync_file_range),
	SCMP_SYS(copy_file_range),
	SCMP_SYS(close),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),

	SCMP_SYS(brk),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(madvise),
	SCMP_SYS(membarrier),

	SCMP_SYS(futex),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(gettid),
	SCMP_SYS(getpid),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_getparam),
	SCMP_SYS(sched_getscheduler),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall),

	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(getrusage),
	SCMP_SYS(getrandom),
	SCMP_SYS(sysinfo),
	SCMP_SYS(uname),

	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* What no library of ours asks for, and what nobody survives. */
static const int deadly[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(kill),
	SCMP_SYS(tkill),
	SCMP_SYS(rt_sigqueueinfo),
	SCMP_SYS(rt_tgsigqueueinfo),
	SCMP_SYS(pidfd_open),
	SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(socket),
	SCMP_SYS(socketpair),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(sendmsg),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(bpf),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(mount),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(setuid),
	SCMP_SYS(setgid),
	SCMP_SYS(setresuid),
	SCMP_SYS(setresgid),
};

static void
cleanup_filter(scmp_filter_ctx *filter)
{
	if (*filter != NULL)
		seccomp_release(*filter);
}

/* A call that is judged by one of its arguments: `argument & mask == value`. */
typedef struct Judged
{
	uint32_t action;
	int call;
	unsigned argument;
	uint64_t mask;
	uint64_t value;
} Judged;

static bool
add_judged(scmp_filter_ctx filter, const Judged *rule)
{
	struct scmp_arg_cmp compare = {.arg = rule->argument,
								   .op = SCMP_CMP_MASKED_EQ,
								   .datum_a = rule->mask,
								   .datum_b = rule->value};

	return seccomp_rule_add_array(filter, rule->action, rule->call, 1, &compare) == 0;
}

static bool
add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (seccomp_rule_add_array(filter, action, calls[i], 0, NULL) != 0)
			return false;
	return true;
}

static bool
add_arguments(scmp_filter_ctx filter)
{
	const uint64_t all = UINT32_MAX;
	const Judged rules[] = {
		{SCMP_ACT_ALLOW,         SCMP_SYS(mmap),     2, PROT_EXEC,    0                  },
		{SCMP_ACT_ALLOW,         SCMP_SYS(mprotect), 2, PROT_EXEC,    0                  },
 /* threads, no processes */
		{SCMP_ACT_ALLOW,         SCMP_SYS(clone),    0, CLONE_THREAD, CLONE_THREAD       },
		{SCMP_ACT_KILL_PROCESS,  SCMP_SYS(clone),    0, CLONE_THREAD, 0                  },
 /* its arguments lie in memory: the C library then falls back to clone() */
		{SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3),   0, 0,            0                  },
		{SCMP_ACT_ALLOW,         SCMP_SYS(tgkill),   0, all,          (uint64_t) getpid()},
		{SCMP_ACT_ALLOW,         SCMP_SYS(prctl),    0, all,          PR_SET_NAME        },
		{SCMP_ACT_ALLOW,         SCMP_SYS(fcntl),    1, all,          F_GETFL            },
		{SCMP_ACT_ALLOW,         SCMP_SYS(fcntl),    1, all,          F_SETFL            },
		{SCMP_ACT_ALLOW,         SCMP_SYS(fcntl),    1, all,          F_GETFD            },
		{SCMP_ACT_ALLOW,         SCMP_SYS(fcntl),    1, all,          F_SETFD            },
 /* an address would be needed to send to somebody new */
		{SCMP_ACT_ALLOW,         SCMP_SYS(sendto),   4, UINT64_MAX,   0                  },
		{SCMP_ACT_ALLOW,         SCMP_SYS(recvfrom), 4, UINT64_MAX,   0                  },
	};

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (!add_judged(filter, &rules[i]))
			return false;
	return true;
}

static bool
add_reading(scmp_filter_ctx filter)
{
	const uint64_t writes = O_ACCMODE | O_CREAT | O_TRUNC | O_PATH;
	const Judged rules[] = {
		{SCMP_ACT_ALLOW, SCMP_SYS(open),   1, writes, O_RDONLY},
		{SCMP_ACT_ALLOW, SCMP_SYS(openat), 2, writes, O_RDONLY},
	};

	return add_judged(filter, &rules[0]) && add_judged(filter, &rules[1]);
}

bool
contain_calls(bool may_read, bool *filters, Error *err)
{
	CLEANUP(filter) scmp_filter_ctx filter = NULL;
	int result;

	*filters = false;
	/* none, too old to end a process, or out of reach in a container */
	if (seccomp_api_get() < API_OF_KILL_PROCESS)
		return true;
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL ||
		seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0 ||
		!add_all(filter, SCMP_ACT_ALLOW, allowed, sizeof allowed / sizeof allowed[0]) ||
		!add_all(filter, SCMP_ACT_KILL_PROCESS, deadly,
				 sizeof deadly / sizeof deadly[0]) ||
		!add_arguments(filter) || (may_read && !add_reading(filter)))
		return error_set(err, ERROR_PERMANENT, "contain_failed",
						 "Look whether the kernel has seccomp (CONFIG_SECCOMP_FILTER).",
						 "cannot list the system calls that are allowed");
	result = seccomp_load(filter);
	*filters = result == 0;
	if (result == 0 || result == -EPERM || result == -ECANCELED)
		return true;
	errno = -result;
	return error_errno(err, "contain_failed", "cannot give up system calls");
}
