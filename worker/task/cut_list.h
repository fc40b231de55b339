/*
 * task/cut_list.h
 *	  How the trimmed video of a task's recording was cut.
 */
#ifndef LEAP_TASK_CUT_LIST_H
#define LEAP_TASK_CUT_LIST_H

#include <stdlib.h>

#include "base/spans.h"
#include "task/task.h"

typedef struct CutList
{
	CutSpan *spans;
	size_t count;
} CutList;

/* Reads it of the artifact `video`; of one that was made before cut lists were kept it is one
 * span. Without a video: permanent, code artifact_missing. */
bool cut_list_read(const TaskContext *context, CutList *cuts, Error *err);

/* For CLEANUP(cut_list). */
static inline void
cleanup_cut_list(CutList *cuts)
{
	free(cuts->spans);
}

#endif
