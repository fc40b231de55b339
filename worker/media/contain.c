/*
 * media/contain.c
 *	  Limits of a process that parses media.
 */
#include "media/contain.h"

#include <fcntl.h>
#include <malloc.h>
#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "media/contain_calls.h"
#include "media/contain_paths.h"

#define MAX_DESCRIPTORS 64
/* Each arena of the allocator takes 64 MiB of address space, whatever is in it. */
#define MAX_ARENAS 4
/* What is larger is mapped alone: it grows without being copied and leaves no hole behind
 * when it goes. libav's index of a recording of ten hours needs a third less so. */
#define OWN_MAPPING (1 << 20)
/* After SIGXCPU, before SIGKILL. */
#define LAST_SECONDS 5
#define SPARE_ME_NOT "500"

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* A limit the process has already and that is lower stays. */
static bool
limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard, const char *name,
	  Error *err)
{
	struct rlimit now;

	if (getrlimit(resource, &now) != 0)
		return error_errno(err, "contain_failed", "cannot read the limit on %s", name);
	if (now.rlim_max < hard)
		hard = now.rlim_max;
	now = (struct rlimit){soft < hard ? soft : hard, hard};
	if (setrlimit(resource, &now) != 0)
		return error_errno(err, "contain_failed", "cannot limit %s", name);
	return true;
}

static bool
limit_resources(const MediaLimits *limits, Error *err)
{
	rlim_t memory = SANITIZED ? RLIM_INFINITY : (rlim_t) limits->memory_bytes;
	rlim_t file = (rlim_t) limits->file_bytes;
	rlim_t cpu = (rlim_t) ceil(limits->cpu_seconds);

	return limit(RLIMIT_AS, memory, memory, "address space", err) &&
		   limit(RLIMIT_FSIZE, file, file, "the size of files", err) &&
		   limit(RLIMIT_CPU, cpu, cpu + LAST_SECONDS, "processor time", err) &&
		   limit(RLIMIT_CORE, 0, 0, "core dumps", err) &&
		   limit(RLIMIT_NOFILE, MAX_DESCRIPTORS, MAX_DESCRIPTORS, "descriptors", err);
}

/* Of two processes the kernel then ends this one, and the worker lives. Where /proc is not
 * mounted it judges by size alone. */
static void
volunteer(void)
{
	CLEANUP(close) int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void) !write(fd, SPARE_ME_NOT, sizeof SPARE_ME_NOT - 1);
}

int64_t
contain_input_bytes(void)
{
	struct stat status;
	int64_t most = 0;

	for (int fd = 3; fd < MAX_DESCRIPTORS; fd++)
		if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > most)
			most = status.st_size;
	return most;
}

bool
contain_process(const MediaLimits *limits, const char *readable_folder,
				Contained *contained, Error *err)
{
	*contained = (Contained){0};
	(void) mallopt(M_ARENA_MAX, MAX_ARENAS);
	(void) mallopt(M_MMAP_THRESHOLD, OWN_MAPPING);
	/* pages of two megabytes would be there whole where a part of them is used */
	(void) prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	(void) signal(SIGXFSZ, SIG_IGN);
	volunteer();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return error_errno(err, "contain_failed", "cannot contain the process");
	return limit_resources(limits, err) &&
		   contain_paths(readable_folder, &contained->landlock, err) &&
		   (SANITIZED ||
			contain_calls(readable_folder != NULL, &contained->filters, err));
}
