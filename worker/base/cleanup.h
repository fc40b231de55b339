/*
 * base/cleanup.h
 *	  Variables that release what they hold when their scope ends.
 *
 * A function declares `CLEANUP(close_fd) int fd = -1;` and returns whenever it likes: no
 * goto ladder, no forgotten exit. Every cleanup function takes a pointer to the variable
 * and accepts one that holds nothing.
 */
#ifndef LEAP_BASE_CLEANUP_H
#define LEAP_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#define CLEANUP(function) __attribute__((cleanup(cleanup_##function)))

static inline void
cleanup_free(void *holder)
{
	free(*(void **) holder);
}

static inline void
cleanup_close(int *fd)
{
	if (*fd >= 0)
		(void) close(*fd);
}

static inline void
cleanup_fclose(FILE **file)
{
	if (*file != NULL)
		(void) fclose(*file);
}

static inline void
cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}

#endif
