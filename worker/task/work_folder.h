/*
 * task/work_folder.h
 *	  A scratch folder for each attempt, below tmp/ of the storage.
 */
#ifndef LEAP_TASK_WORK_FOLDER_H
#define LEAP_TASK_WORK_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Makes storage/tmp/<task>-<8 hex>, mode 0700, and puts its path into folder. */
bool work_folder_make(const char *storage, const char *task, char *folder, size_t size,
					  Error *err);

/* Removes it with all it holds; "" and a folder that is gone are fine. */
void work_folder_remove(const char *folder);

/* Removes what workers that were killed left there more than a day ago. */
void work_folder_sweep(const char *storage);

#endif
