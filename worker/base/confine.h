/*
 * base/confine.h
 *	  Limits for a program that is not ours and that strangers feed: files, memory, processor
 *	  time, and where the kernel can, one address to connect to.
 */
#ifndef LEAP_BASE_CONFINE_H
#define LEAP_BASE_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* From Landlock 4 (Linux 6.7) on TCP can be limited, too. */
#define CONFINE_TCP_VERSION 4

typedef struct Confine
{
	int ruleset; /* of Landlock; -1 = this kernel has none */
	int version; /* of Landlock; 0 = none */
	int64_t file_bytes;
	int64_t memory_bytes; /* of address space, each process */
	int64_t cpu_seconds;  /* each process */
} Confine;

#define CONFINE_NONE  \
	{                 \
		.ruleset = -1 \
	}

/*
 * Prepares: read and run what the system and the folder of program have, write below
 * `folder` alone, connect by TCP to `port` alone. Error: contain_failed.
 */
bool confine_prepare(Confine *confine, const char *program, const char *folder, int port,
					 Error *err);

/* Puts the limits on the calling process, for good (ProcessPlace.enter; arg is a Confine). */
bool confine_enter(const void *arg);

/* For CLEANUP(confine). */
void cleanup_confine(Confine *confine);

#endif
