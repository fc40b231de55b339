/*
 * gate/disk.h
 *	  Work on files for a loop that must not wait: a few threads do it, the loop is told.
 *
 * A write waits when too much is not on the disk yet, and syncing gigabytes takes seconds.
 * Threads touch nothing but the job they have.
 */
#ifndef LEAP_GATE_DISK_H
#define LEAP_GATE_DISK_H

#include "base/error.h"
#include "http/loop.h"

typedef struct Disk Disk;
typedef struct DiskJob DiskJob;

/* The beginning of what a job is about. */
struct DiskJob
{
	void (*work)(DiskJob *job); /* in a thread */
	void (*done)(
		DiskJob *job); /* in the loop, later; may free the job or give it again */
	DiskJob *next;
};

bool disk_open(Disk **disk, Loop *loop, Error *err);

/* Does the jobs that were given, and tells of them, before it ends; NULL is nothing. */
void disk_close(Disk *disk);

void disk_run(Disk *disk, DiskJob *job);

#endif
