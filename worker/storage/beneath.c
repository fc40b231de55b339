/*
 * storage/beneath.c
 *	  Opening what lies below a folder, and nothing else. The kernel does the checking
 *	  (openat2, Linux 5.6): a check in the program could be raced.
 */
#include "storage/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

int
beneath_open(int folder_fd, const char *relative, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (unsigned) (flags | O_CLOEXEC),
		.mode = (flags & O_CREAT) != 0 ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int) syscall(SYS_openat2, folder_fd, relative, &how, sizeof how);
}
