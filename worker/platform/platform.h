/*
 * platform/platform.h
 *	  Where lessons are published to: one struct of functions a platform, one file each.
 */
#ifndef LEAP_PLATFORM_PLATFORM_H
#define LEAP_PLATFORM_PLATFORM_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/report.h"
#include "storage/storage.h"

typedef struct Publication
{
	const cJSON *input; /* the task's: recording, artifacts, target, checkpoint */
	const Storage *storage;
	const char *library; /* absolute folder of published lessons */
	const Reporter *reporter;

	/* Writes the MP4 `input` with the chapters of the outline to `output`, an empty file:
	 * leap-media's work, which only a task can have done. *written is false when there are
	 * not two chapters; NULL = cannot. */
	bool (*add_chapters)(void *arg, const cJSON *outline, double duration, int input,
						 int output, bool *written, Error *err);
	void *arg; /* of add_chapters */
} Publication;

typedef struct Platform
{
	const char *name;    /* as in leap.output_targets */
	const char *purpose; /* for people */

	/* Publishes a lesson, or publishes it again in place of what is there. *target becomes
	 * {"remote_id","url","meta"}, owned by the caller. Asks for confirmation before the
	 * one act that people can see. */
	bool (*publish)(const Publication *publication, cJSON **target, Error *err);

	/* Takes it back; what is not there is taken back already. NULL = cannot. */
	bool (*remove)(const Publication *publication, Error *err);
} Platform;

/* All platforms; a row without name ends the table. */
extern const Platform *const platform_table[];

/* The platform of that name, or NULL. */
const Platform *platform_find(const char *name);

extern const Platform platform_library;

#endif
