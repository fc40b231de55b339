/*
 * storage/beneath.h
 *	  Opening what lies below a folder, and nothing else: no "..", no symbolic link, no
 *	  other file system's magic, whatever the name says.
 */
#ifndef LEAP_STORAGE_BENEATH_H
#define LEAP_STORAGE_BENEATH_H

#include <sys/types.h>

/* open(2) of `relative` below folder_fd; -1 and errno (ELOOP for a link on the way, EXDEV
 * for a way out). O_CLOEXEC is added. */
int beneath_open(int folder_fd, const char *relative, int flags, mode_t mode);

#endif
