/*
 * task/work_folder.h
 *	  A scratch folder for each attempt, below tmp/ of the storage.
 *
 * It is named <task>-<machine>-<8 hex>, and whoever works in it, worker and child, holds
 * a lock on it. So any worker of the same machine can tell a folder in use from one whose
 * owners were killed; of another machine's folders, and where folders cannot be locked, it
 * only knows the age.
 */
#ifndef LEAP_TASK_WORK_FOLDER_H
#define LEAP_TASK_WORK_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct WorkFolder
{
	char path[4200]; /* "" = none */
	int lock;        /* an open descriptor of it; inherited, it keeps the lock */
} WorkFolder;

/* Makes one, mode 0700. What killed attempts of the same task left is removed. */
bool work_folder_make(const char *storage, const char *task, WorkFolder *folder,
					  Error *err);

/* Removes it with all it holds; none and one that is gone are fine. */
void work_folder_remove(WorkFolder *folder);

/* Removes what killed workers of this machine left there, and what is older than a day and
 * nobody's. */
void work_folder_sweep(const char *storage);

#endif
