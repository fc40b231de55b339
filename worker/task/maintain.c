/*
 * task/maintain.c
 *	  Sweeps the storage: removes the files the database calls garbage and reports old files,
 *	  so that the database can say which of them it does not know. Those are not removed: a
 *	  database that was restored from a backup does not know what was made since. Nothing is
 *	  touched or reported that LEAP has not named.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "storage/storage.h"
#include "task/task.h"

/* The report must fit into a line of the control channel. */
#define MOST_FOUND 20000

typedef struct Search
{
	double least_age; /* seconds */
	uint64_t seen;    /* old files so far */
	size_t kept;
	char **uris; /* MOST_FOUND places */
} Search;

/* Keeps a fair sample when there are too many (Vitter's algorithm R): the walk always takes
 * the same way, and what lies at its end must be found by some sweep too. */
static bool
note_old(void *arg, const StorageFile *file)
{
	Search *search = arg;
	size_t place;

	if (file->age < search->least_age || !storage_uri_is_own(file->uri))
		return true;
	place = search->kept < MOST_FOUND ? search->kept++
									  : (size_t) ((double) search->seen * drand48());
	search->seen++;
	if (place < MOST_FOUND)
	{
		free(search->uris[place]);
		search->uris[place] = strdup(file->uri);
	}
	return true;
}

/* From which age on nothing is in use that no row names. */
static double
old_seconds(const TaskContext *context)
{
	return json_number(context->input, "find_older_seconds", 86400);
}

/* Reports the old files. While files move, those that the storage before still has are not
 * looked at. */
static bool
find_old(TaskContext *context, Error *err)
{
	Storage alone = *context->storage;
	Search search = {.least_age = old_seconds(context)};
	cJSON *found = cJSON_CreateArray();
	bool ok;

	task_fact(context, "found", found);
	search.uris = calloc(MOST_FOUND, sizeof *search.uris);
	if (search.uris == NULL)
		return error_errno(err, "memory", "cannot sweep");
	srand48(time(NULL));
	alone.older = NULL;
	ok = storage_list(&alone, "users", note_old, &search, err);
	for (size_t i = 0; i < search.kept; i++)
	{
		cJSON_AddItemToArray(found, cJSON_CreateString(search.uris[i]));
		free(search.uris[i]);
	}
	free(search.uris);
	return ok;
}

static bool
remove_garbage(TaskContext *context, cJSON *removed, Error *err)
{
	const cJSON *garbage = cJSON_GetObjectItemCaseSensitive(context->input, "remove");
	const cJSON *uri;

	cJSON_ArrayForEach(uri, garbage)
	{
		if (!task_progress(context, 0.1, "removing files", err) ||
			(storage_uri_is_own(uri->valuestring) &&
			 !storage_remove(context->storage, uri->valuestring, err)))
			return false;
		cJSON_AddItemToArray(removed, cJSON_CreateString(uri->valuestring));
	}
	return true;
}

bool
task_maintain(TaskContext *context, Error *err)
{
	cJSON *removed = cJSON_CreateArray();

	task_fact(context, "removed", removed);
	if (context->database != NULL && context->database[0] != '\0' &&
		!storage_claim_anew(context->storage, context->database, err))
		return false;
	return remove_garbage(context, removed, err) &&
		   task_progress(context, 0.5, "looking for old files", err) &&
		   find_old(context, err) &&
		   task_progress(context, 0.9, "looking for what was begun", err) &&
		   storage_sweep(context->storage, old_seconds(context),
						 json_at(context->input, "keep"), err);
}
