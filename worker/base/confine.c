/*
 * base/confine.c
 *	  Limits for a program that is not ours.
 *
 * Landlock by its system calls: the C library has no functions for them, and Debian's header
 * stops at version 2.
 */
#include "base/confine.h"

#include <fcntl.h>
#include <libgen.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"

#define DESCRIPTORS_MOST 256

/* What the kernel can take away; an older one takes a longer structure than it knows as long
 * as the rest is zero. */
typedef struct Ruleset
{
	uint64_t files;
	uint64_t network;
	uint64_t scopes;
} Ruleset;

typedef struct PortRule
{
	uint64_t allowed;
	uint64_t port;
} PortRule;

#define FILES_1      0x1fffU /* execute, read, write, make and remove of each kind */
#define REFER        0x2000U
#define CUT_OFF      0x4000U
#define DEVICES      0x8000U /* ioctl */
#define TCP          0x3U    /* bind, connect */
#define TCP_CONNECT  0x2U
#define SCOPES       0x3U /* abstract sockets, signals */
#define RULE_PORT    2
#define READ         (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define READ_AND_RUN (READ | LANDLOCK_ACCESS_FS_EXECUTE)

/* By version of Landlock. */
static const Ruleset rulesets[] = {
	{0,								   0,   0     },
	{FILES_1,							 0,   0     },
	{FILES_1 | REFER,                     0,   0     },
	{FILES_1 | REFER | CUT_OFF,           0,   0     },
	{FILES_1 | REFER | CUT_OFF,           TCP, 0     },
	{FILES_1 | REFER | CUT_OFF | DEVICES, TCP, 0     },
	{FILES_1 | REFER | CUT_OFF | DEVICES, TCP, SCOPES},
};

#define NEWEST ((int) (sizeof rulesets / sizeof rulesets[0]) - 1)

/* What programs of this machine need beside their own files. Of /etc only what tells nothing
 * of its users. */
static const struct
{
	const char *path;
	uint64_t access;
} standard[] = {
	{"/usr",			  READ_AND_RUN												},
	{"/bin",			  READ_AND_RUN												},
	{"/lib",			  READ_AND_RUN												},
	{"/lib64",            READ_AND_RUN												},
	{"/etc/ssl",          READ														},
	{"/etc/ld.so.cache",  LANDLOCK_ACCESS_FS_READ_FILE                                },
	{"/etc/localtime",    LANDLOCK_ACCESS_FS_READ_FILE                                },
	{"/etc/mime.types",   LANDLOCK_ACCESS_FS_READ_FILE                                },
	{"/etc/alternatives", READ_AND_RUN												},
	{"/dev/urandom",      LANDLOCK_ACCESS_FS_READ_FILE                                },
	{"/dev/null",         LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE},
};

/* What is not there needs no rule. */
static bool
allow(const Confine *confine, const char *path, uint64_t access, Error *err)
{
	CLEANUP(close) int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = {
		.allowed_access =
			access &
			rulesets[confine->version < NEWEST ? confine->version : NEWEST].files,
		.parent_fd = fd,
	};

	if (fd < 0)
		return true;
	return syscall(SYS_landlock_add_rule, confine->ruleset, LANDLOCK_RULE_PATH_BENEATH,
				   &rule, 0) == 0 ||
		   error_errno(err, "contain_failed", "cannot keep %s", path);
}

static bool
allow_port(const Confine *confine, int port, Error *err)
{
	PortRule rule = {.allowed = TCP_CONNECT, .port = (uint64_t) port};

	return confine->version < CONFINE_TCP_VERSION ||
		   syscall(SYS_landlock_add_rule, confine->ruleset, RULE_PORT, &rule, 0) == 0 ||
		   error_errno(err, "contain_failed", "cannot keep the port %d", port);
}

bool
confine_prepare(Confine *confine, const char *program, const char *folder, int port,
				Error *err)
{
	CLEANUP(free) char *real = realpath(program, NULL);
	long has =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	const Ruleset *wanted;

	confine->version = has > 0 ? (int) has : 0;
	if (confine->version == 0)
		return true;
	wanted = &rulesets[confine->version < NEWEST ? confine->version : NEWEST];
	confine->ruleset =
		(int) syscall(SYS_landlock_create_ruleset, wanted, sizeof *wanted, 0);
	if (confine->ruleset < 0)
		return error_errno(err, "contain_failed", "cannot give up the file system");
	(void) fcntl(confine->ruleset, F_SETFD, FD_CLOEXEC);
	for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++)
		if (!allow(confine, standard[i].path, standard[i].access, err))
			return false;
	/* a link to the program leads to where its files are; the folder is its own alone */
	return allow(confine, real != NULL ? dirname(real) : program, READ_AND_RUN, err) &&
		   allow(confine, folder, ~(uint64_t) 0, err) && allow_port(confine, port, err);
}

static bool
limit(__rlimit_resource_t resource, int64_t most)
{
	struct rlimit both = {.rlim_cur = (rlim_t) most, .rlim_max = (rlim_t) most};

	return most <= 0 || setrlimit(resource, &both) == 0;
}

bool
confine_enter(const void *arg)
{
	const Confine *confine = arg;
	struct rlimit none = {0, 0};

	return setrlimit(RLIMIT_CORE, &none) == 0 && limit(RLIMIT_NOFILE, DESCRIPTORS_MOST) &&
		   limit(RLIMIT_FSIZE, confine->file_bytes) &&
		   limit(RLIMIT_AS, confine->memory_bytes) &&
		   limit(RLIMIT_CPU, confine->cpu_seconds) &&
		   prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		   (confine->ruleset < 0 ||
			syscall(SYS_landlock_restrict_self, confine->ruleset, 0) == 0);
}

void
cleanup_confine(Confine *confine)
{
	cleanup_close(&confine->ruleset);
}
