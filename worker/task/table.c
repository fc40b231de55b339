/*
 * task/table.c
 *	  The kinds of tasks this program can do, and what all of them share.
 */
#include "task/task.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

const Task task_table[] = {
	{"download",   "fetch the recording and look into it",      task_download  },
	{"trim",       "cut the silence at both ends",              task_trim      },
	{"transcribe", "turn speech into text with times",          task_transcribe},
	{"topics",     "find what the lecture is about",            task_topics    },
	{"subtitles",  "make subtitles from the transcript",        task_subtitles },
	{"maintain",   "sweep files that no row names",             task_maintain  },
	{"notify",     "deliver a message",                         task_notify    },
	{"upload",     "publish the lesson",                        task_upload    },
	{"unpublish",  "take a lesson back",                        task_upload    },
	{"sync",       "ask a source what is new",                  task_sync      },
	{"credential", "check, get or reseal access to a platform", task_credential},
	{NULL,         NULL,										NULL           },
};

const Task *
task_find(const char *kind)
{
	for (const Task *task = task_table; task->kind != NULL; task++)
		if (strcmp(task->kind, kind) == 0)
			return task;
	return NULL;
}

void
task_fact(TaskContext *context, const char *name, cJSON *value)
{
	json_put(cJSON_GetObjectItemCaseSensitive(context->result, "facts"), name, value);
}

void
task_transfer(TaskContext *context, const Throughput *throughput)
{
	cJSON *transfer;

	if (throughput_bytes(throughput) <= 0)
		return;
	transfer = cJSON_CreateObject();
	json_add_int64(transfer, "bytes", throughput_bytes(throughput));
	cJSON_AddNumberToObject(transfer, "seconds",
							round(throughput_seconds(throughput) * 1000) / 1000);
	task_fact(context, "transfer", transfer);
}

void
task_target(TaskContext *context, cJSON *value)
{
	json_put(context->result, "target", value);
}

bool
task_progress(TaskContext *context, double fraction, const char *step, Error *err)
{
	const Reporter *reporter = context->reporter;

	return reporter->progress(reporter->arg, fraction, step) ||
		   error_set(err, ERROR_LOST, "cancelled", NULL, "stopped while %s", step);
}
