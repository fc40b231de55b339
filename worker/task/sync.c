/*
 * task/sync.c
 *	  Asks a source what it has.
 */
#include <stdio.h>

#include "base/json.h"
#include "source/source.h"
#include "task/task.h"

static bool
list_source(const TaskContext *context, Listing *listing, Error *err)
{
	const char *type;
	const Source *source;
	SourceQuery query = {
		.config = json_at(context->input, "config"),
		.import_roots = json_at(context->input, "import_roots"),
		.allow_private_addresses = context->allow_private_addresses,
		.reporter = context->reporter,
	};

	if (!json_need_text(context->input, "type", "the source", &type, err))
		return false;
	source = source_find(type);
	if (source == NULL)
		return error_set(err, ERROR_PERMANENT, "unknown_source",
						 "Update the program leap on the machine of this worker.",
						 "this worker knows no sources of type \"%.30s\"", type);
	return source->list(&query, listing, err);
}

bool
task_sync(TaskContext *context, Error *err)
{
	Listing listing = {
		.items = cJSON_CreateArray(),
		.problems = cJSON_CreateArray(),
		.most = (size_t) json_number(context->input, "most", 10000),
	};
	bool gone = json_bool(context->input, "gone", false); /* deleted meanwhile */

	task_fact(context, "items", listing.items);
	task_fact(context, "problems", listing.problems);
	if (!gone && !list_source(context, &listing, err))
		return false;
	task_fact(context, "seen", cJSON_CreateNumber((double) listing.seen));
	task_fact(context, "waiting", cJSON_CreateNumber((double) listing.waiting));
	task_fact(context, "truncated", cJSON_CreateBool(listing.truncated));
	return true;
}
