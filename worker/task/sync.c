/*
 * task/sync.c
 *	  Asks a source what it has.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "net/endpoint.h"
#include "source/site.h"
#include "source/source.h"
#include "task/source_query.h"
#include "task/task.h"

SourceQuery
task_source_query(const TaskContext *context)
{
	const cJSON *endpoints = json_at(context->input, "endpoints");

	return (SourceQuery){
		.import_roots = json_at(context->input, "import_roots"),
		.account = context->account,
		.endpoints = endpoints,
		/* an operator said where the platform is, so what it names may be there, too */
		.allow_private_addresses =
			context->allow_private_addresses || endpoint_is_set(endpoints),
		.site_program = context->site_program,
		.work = context->work,
		.reporter = context->reporter,
	};
}

/* What a site has of one video, instead of a list. */
static bool
look_at_formats(TaskContext *context, const SourceQuery *query, Error *err)
{
	cJSON *formats = NULL;

	if (!site_formats(query, &formats, err))
		return false;
	task_fact(context, "formats", formats);
	return true;
}

static bool
list_source(TaskContext *context, Listing *listing, Error *err)
{
	const char *type;
	const Source *source;
	SourceQuery query = task_source_query(context);

	if (!json_need_text(context->input, "type", "the source", &type, err))
		return false;
	source = source_find(type);
	if (source == NULL)
		return error_set(err, ERROR_PERMANENT, "unknown_source",
						 "Update the program leap on the machine of this worker.",
						 "this worker knows no sources of type \"%.30s\"", type);
	query.config = json_at(context->input, "config");
	query.from_time = json_number(context->input, "from_time", 0);
	query.to_time = json_number(context->input, "to_time", 0);
	query.after = json_at(context->input, "after");
	if (strcmp(json_text(context->input, "look", ""), "formats") == 0)
		return look_at_formats(context, &query, err);
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
	{
		cJSON_Delete(listing.next);
		return false;
	}
	task_fact(context, "seen", cJSON_CreateNumber((double) listing.seen));
	task_fact(context, "waiting", cJSON_CreateNumber((double) listing.waiting));
	task_fact(context, "truncated", cJSON_CreateBool(listing.truncated));
	if (listing.next != NULL)
		task_fact(context, "next", listing.next);
	return true;
}
