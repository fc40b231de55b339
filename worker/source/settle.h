/*
 * source/settle.h
 *	  Is a file complete, or is somebody still writing it?
 */
#ifndef LEAP_SOURCE_SETTLE_H
#define LEAP_SOURCE_SETTLE_H

#include <stdbool.h>
#include <sys/stat.h>

/* Names that belong to what is being copied or fetched, and hidden ones. */
bool settle_name_is_partial(const char *name);

/* Has nothing happened to the file since `seconds` before `now`? A change of its time by
 * the one who copied it is something that happened, too. */
bool settle_is_old(const struct stat *status, double now, double seconds);

/* Is it the same file as before, with nothing written to it? */
bool settle_is_same(const struct stat *one, const struct stat *other);

/* Has anybody the file open for writing? Where the kernel does not tell (files of another
 * user, network file systems): false. fd is open for reading only. */
bool settle_has_writer(int fd);

#endif
