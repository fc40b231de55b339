/*
 * task/cutting.h
 *	  How a recording is cut: what of it stays, and in which way the rest goes.
 */
#ifndef LEAP_TASK_CUTTING_H
#define LEAP_TASK_CUTTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/spans.h"
#include "task/task.h"

typedef struct Cutting
{
	double duration; /* of the source, seconds */
	Span *spans;     /* what is to stay, at least one */
	size_t count;
	const char *mode;    /* copy, exact or reencode: as asked for */
	int sound;           /* stream index of the track that holds the speech; -1: none */
	bool has_video;      /* the source has pictures */
	bool still;          /* it has none, and gets one that is drawn */
	double most_removed; /* share of the duration; what removes more is flagged */
} Cutting;

/* Decides by the task's configuration and the analysis of the source; an envelope is read
 * where the analysis does not hold the answer. A recording without duration is class input,
 * code no_duration. */
bool cutting_plan(TaskContext *context, const cJSON *analysis, Cutting *cutting,
				  Error *err);

/* Has leap-media write the result to the open file output; *answer is docs/protocol.md,
 * section 3, and the caller's to delete. */
bool cutting_run(TaskContext *context, const Cutting *cutting, int output, cJSON **answer,
				 Error *err);

/* For CLEANUP(cutting). */
static inline void
cleanup_cutting(Cutting *cutting)
{
	free(cutting->spans);
}

#endif
