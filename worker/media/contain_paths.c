/*
 * media/contain_paths.c
 *	  Landlock by its system calls: the C library has no functions for them.
 */
#include "media/contain_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* What the kernel can take away, in its newest form; older kernels take a longer structure
 * than they know as long as the rest is zero. Debian's header stops at version 2. */
typedef struct Ruleset
{
	uint64_t files;
	uint64_t network;
	uint64_t scopes;
} Ruleset;

#define FILES_1 0x1fffU /* execute, read, write, make and remove of each kind */
#define REFER   0x2000U
#define CUT_OFF 0x4000U
#define DEVICES 0x8000U /* ioctl */
#define TCP     0x3U    /* bind, connect */
#define SCOPES  0x3U    /* abstract sockets, signals */

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

/* A folder that is not there is no error: what is in it cannot be read anyway. */
static bool
allow_reading(int ruleset, const char *folder, Error *err)
{
	CLEANUP(close) int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
		.parent_fd = fd,
	};

	if (fd < 0)
		return true;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule,
				   0) == 0 ||
		   error_errno(err, "contain_failed", "cannot keep the folder %s readable",
					   folder);
}

bool
contain_paths(const char *readable_folder, int *version, Error *err)
{
	CLEANUP(close) int ruleset = -1;
	const Ruleset *wanted;
	long has =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	*version = has > 0 ? (int) has : 0;
	if (*version == 0)
		return true;
	wanted = &rulesets[*version < NEWEST ? *version : NEWEST];
	ruleset = (int) syscall(SYS_landlock_create_ruleset, wanted, sizeof *wanted, 0);
	if (ruleset < 0)
		return error_errno(err, "contain_failed", "cannot give up the file system");
	if (readable_folder != NULL && !allow_reading(ruleset, readable_folder, err))
		return false;
	return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0 ||
		   error_errno(err, "contain_failed", "cannot give up the file system");
}
