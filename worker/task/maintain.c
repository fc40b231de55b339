/*
 * task/maintain.c
 *	  Sweeps the storage: removes the files the database calls garbage and reports old files,
 *	  so that the database can say which of them it does not know.
 */
#include <stdlib.h>

#include "base/json.h"
#include "storage/storage.h"
#include "task/task.h"

/* More are left for the next sweep: the report must fit into a line of the control channel. */
#define MOST_FOUND 20000

typedef struct Search
{
	double least_age; /* seconds */
	int left;
	cJSON *found;
} Search;

static bool
note_old(void *arg, const StorageFile *file)
{
	Search *search = arg;

	if (file->age < search->least_age)
		return true;
	cJSON_AddItemToArray(search->found, cJSON_CreateString(file->uri));
	return --search->left > 0;
}

static bool
remove_garbage(TaskContext *context, cJSON *removed, Error *err)
{
	const cJSON *garbage = cJSON_GetObjectItemCaseSensitive(context->input, "remove");
	const cJSON *uri;

	cJSON_ArrayForEach(uri, garbage)
	{
		if (!task_progress(context, 0.1, "removing files", err) ||
			!storage_remove(context->storage, uri->valuestring, err))
			return false;
		cJSON_AddItemToArray(removed, cJSON_CreateString(uri->valuestring));
	}
	return true;
}

bool
task_maintain(TaskContext *context, Error *err)
{
	cJSON *removed = cJSON_CreateArray();
	Search search = {
		.least_age = json_number(context->input, "find_older_seconds", 86400),
		.left = MOST_FOUND,
		.found = cJSON_CreateArray(),
	};

	task_fact(context, "removed", removed);
	task_fact(context, "found", search.found);
	return remove_garbage(context, removed, err) &&
		   task_progress(context, 0.5, "looking for old files", err) &&
		   storage_list(context->storage, "", note_old, &search, err);
}
