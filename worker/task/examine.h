/*
 * task/examine.h
 *	  Looking at a source: is it a recording, is it whole, is there speech?
 *
 * leap-media looks while the file is still being fetched when the fetcher has it as reader,
 * and when all is there otherwise. An analyser that dies costs this attempt, not the download;
 * what is no recording at all ends the download.
 */
#ifndef LEAP_TASK_EXAMINE_H
#define LEAP_TASK_EXAMINE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/media_run.h"
#include "net/fetch.h"
#include "task/artifact.h"
#include "task/task.h"
#include "task/teller.h"

/* The files that leap-media fills; without sound, only pictures say something. */
typedef enum ExamineOutput
{
	EXAMINE_ENVELOPE,
	EXAMINE_AUDIO,
	EXAMINE_POSTER,
	EXAMINE_MINIATURE,
	EXAMINE_WAVEFORM,
	EXAMINE_OUTPUTS
} ExamineOutput;

typedef struct Examination
{
	TaskContext *context;
	Artifact *source;
	double from; /* of the task's progress: where looking, not fetching, begins */
	Artifact outputs[EXAMINE_OUTPUTS];
	MediaRun *run;      /* NULL = not started */
	bool over;          /* it ended by itself */
	double complete_at; /* clock_seconds() when the source was */
	Teller teller;
	FetchReader reader; /* for net/fetch.h, which may have it look meanwhile */
	cJSON *analysis;    /* NULL = not finished */
} Examination;

/* Nothing is examined: the state in which an Examination is declared. */
void examination_init(Examination *examination);

/* Makes the files that will hold what is found; source is not open yet. */
bool examination_begin(Examination *examination, TaskContext *context, Artifact *source,
					   double from, Error *err);

/* Forgets what was seen: the file is about to change. */
bool examination_again(Examination *examination, Error *err);

/* The source is complete: tells it, and waits for what leap-media finds, which may take no
 * longer than with any other file of this size. What is done between the two costs no time. */
bool examination_complete(Examination *examination, Error *err);
bool examination_wait(Examination *examination, Error *err);

/* Is its end missing? good_bytes receives how far it can be trusted. */
bool examination_is_truncated(const Examination *examination, int64_t *good_bytes);

/* Judges what was found. What is no recording is input, code not_media; one that is not
 * complete input, code truncated, and remark says more about that. Else the source is
 * finished, analysis, envelope, waveform, audio, poster and miniature are
 * added to the result, and the facts. */
bool examination_keep(Examination *examination, const char *remark, Error *err);

/* Ends it where it is. For CLEANUP(examination). */
void cleanup_examination(Examination *examination);

#endif
