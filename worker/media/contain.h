/*
 * media/contain.h
 *	  What a process gives up before it reads its first untrusted byte.
 */
#ifndef LEAP_MEDIA_CONTAIN_H
#define LEAP_MEDIA_CONTAIN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/media_limits.h"

/* What of it the kernel could do. */
typedef struct Contained
{
	bool filters; /* of system calls: media/contain_calls.h */
	int landlock; /* its version, 0 = none: media/contain_paths.h */
} Contained;

/* The size of the largest regular file among the descriptors 3 to 63. */
int64_t contain_input_bytes(void);

/*
 * The process ends with its parent, gains no privileges, dumps no core, is the first to go
 * when the machine's memory runs out, and is limited in address space, processor time, the
 * size of files and open descriptors. Then it gives up opening files (but for reading those
 * below readable_folder; NULL: none) and most system calls, as far as the kernel can.
 *
 * A write beyond the limit fails with EFBIG; processor time beyond it ends the process by
 * SIGXCPU, what only an intruder does by SIGSYS. In a build with the address sanitizer the
 * address space and the system calls stay as they are: it needs terabytes, and /proc.
 */
bool contain_process(const MediaLimits *limits, const char *readable_folder,
					 Contained *contained, Error *err);

#endif
