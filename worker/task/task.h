/*
 * task/task.h
 *	  What a task kind is, and what its code gets to work with.
 *
 * A task runs in a process of its own (docs/protocol.md, section 2). It reads `input`,
 * makes artifacts (task/artifact.h), states facts, and returns; it knows no state machine,
 * no quota and no database.
 */
#ifndef LEAP_TASK_TASK_H
#define LEAP_TASK_TASK_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/report.h"
#include "base/throughput.h"

struct Storage;
struct Account;

typedef struct TaskContext
{
	const cJSON
		*input; /* docs/protocol.md, section 4: recording, config, artifacts ... */
	const struct Storage *storage;
	const char *library;       /* absolute folder of published lessons */
	const char *library_url;   /* the address it is served at; "" = it is not */
	const char *media_program; /* leap-media */
	const char *site_program;  /* yt-dlp; "" = nothing is fetched from video sites */
	const char *work;          /* a folder of this attempt alone, removed afterwards */
	const cJSON
		*mail; /* net/mail_settings.h; NULL = this worker sends no mail. A secret */
	const cJSON
		*keys; /* {"provider": "key"} of those in the input; NULL = none. Secrets */
	struct Account *account; /* the credential of the input, opened; NULL = none */
	bool allow_private_addresses;
	int threads; /* for speech recognition, at least 1 */
	const Reporter *reporter;
	cJSON *result;        /* {"artifacts":[],"facts":{}}: grown by the functions below */
	const char *database; /* its id; "" = unknown, nothing is checked */
	bool claimed;         /* the storage is this database's */
} TaskContext;

typedef struct Task
{
	const char *kind;    /* as in leap.tasks */
	const char *purpose; /* for people */
	bool (*run)(TaskContext *context, Error *err);
} Task;

/* All kinds this program can do; a row without kind ends the table. */
extern const Task task_table[];

/* The row of that kind, or NULL. */
const Task *task_find(const char *kind);

/* States a fact of the result; value is taken over. */
void task_fact(TaskContext *context, const char *name, cJSON *value);

/* States how much went over the network, and in what time; nothing if nothing did. */
void task_transfer(TaskContext *context, const Throughput *throughput);

/* The "target" object of an upload's result; value is taken over. */
void task_target(TaskContext *context, cJSON *value);

/* Tells how far the task is, 0..1; false with *err (lost, cancelled) means: stop now. */
bool task_progress(TaskContext *context, double fraction, const char *step, Error *err);

bool task_download(TaskContext *context, Error *err);
bool task_trim(TaskContext *context, Error *err);
bool task_transcribe(TaskContext *context, Error *err);
bool task_topics(TaskContext *context, Error *err);
bool task_subtitles(TaskContext *context, Error *err);
bool task_upload(TaskContext *context, Error *err);
bool task_maintain(TaskContext *context, Error *err);
bool task_notify(TaskContext *context, Error *err);
bool task_sync(TaskContext *context, Error *err);
bool task_credential(TaskContext *context, Error *err);

#endif
