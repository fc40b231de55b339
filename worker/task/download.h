/*
 * task/download.h
 *	  The parts of a download: what it is (download.c), and what comes by a link
 *	  (download_link.c).
 */
#ifndef LEAP_TASK_DOWNLOAD_H
#define LEAP_TASK_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "net/fetch.h"
#include "source/source.h"
#include "task/artifact.h"
#include "task/examine.h"
#include "task/task.h"

/* Of the progress: where looking at the source begins. What is fetched is looked at
 * meanwhile; what is here already costs no more than copying it. */
#define COPIED_AT  0.6
#define FETCHED_AT 0.9

typedef struct Download
{
	TaskContext *context;
	Artifact *source;
	Examination examination;
	Fetch fetch; /* by a link */
	FetchState state;
	Throughput throughput;
	FetchPlan plan;         /* the link, and what its source says of the file */
	const char *headers[2]; /* of the plan */
	char of[URL_SIZE];      /* what is fetched, however its link looks now */
	bool kept;      /* the file is not this task's: it stays, whatever becomes of this */
	bool resumable; /* a checkpoint names the file: the next attempt can go on with it */
	int64_t bytes;  /* of a file source, for its progress */
} Download;

/* What the original is called by people: a suffix that is known, else "bin". */
const char *download_extension(const char *name);

/* Is a file of so many bytes, called so in errors, one that can be stored? Errors: empty,
 * too_large (input), storage_full (transient). */
bool download_room(const TaskContext *context, const char *name, int64_t bytes,
				   Error *err);

/* How many bytes can be stored, of which nothing else is known. */
bool download_most(const TaskContext *context, int64_t *bytes, Error *err);

/* Fetches by yt-dlp what a page shows: source/site_program.h. Errors: its, and bad_source,
 * empty (input). */
bool download_site(Download *download, const cJSON *source, Error *err);

/*
 * Fetches what the source says, from its URL or from where the platform says that it is
 * now; a link that does not work any more is asked for once again. What the platform says
 * of the file is compared with what came: size_mismatch, checksum_mismatch (input).
 */
bool download_link(Download *download, const cJSON *source, Error *err);

/* A file that ends too early may have been cut off on its way: goes on where it can be
 * trusted. *more: it is another file now. */
bool download_rest(Download *download, int64_t good_bytes, bool *more, Error *err);

/* Stores how far it is, so that the next attempt can go on; arg is the Download. */
bool download_save(void *arg, const FetchState *state);

#endif
