/*
 * task/examine.h
 *	  Looking at a source that has arrived: is it a recording, is it whole, is there speech?
 */
#ifndef LEAP_TASK_EXAMINE_H
#define LEAP_TASK_EXAMINE_H

#include <stdbool.h>

#include "base/error.h"
#include "task/artifact.h"
#include "task/task.h"

/* Of a download's progress: where examining begins. */
#define EXAMINE_FROM 0.6

/* Has the source analysed, finishes it and adds analysis, envelope, waveform, audio and poster to the
 * result, and the facts. What is no recording is input, code not_media; one that is not
 * complete input, code truncated: the source is then not finished. */
bool examine_source(TaskContext *context, Artifact *source, Error *err);

#endif
