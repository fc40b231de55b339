/*
 * task/source_query.h
 *	  What a source is asked with by a task: account, addresses, what is allowed.
 */
#ifndef LEAP_TASK_SOURCE_QUERY_H
#define LEAP_TASK_SOURCE_QUERY_H

#include "source/source.h"
#include "task/task.h"

/* A query without config and span of time: those are a sync's. */
SourceQuery task_source_query(const TaskContext *context);

#endif
