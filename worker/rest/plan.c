/*
 * rest/plan.c
 *	  What every request has in common: its action, its schema, its preferences, its range;
 *	  then the planner of the action.
 */
#include "rest/plan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "rest/media.h"

#define MOST_LIKE 0.75 /* of a table's name must be the same to be suggested */

/* What a method does with a relation; with functions and the root see below. */
static const struct
{
	const char *method;
	RestAction action;
	bool reads; /* the schema is said by Accept-Profile, the answer may be a part */
} methods[] = {
	{"GET",     ACTION_READ,    true },
    {"HEAD",    ACTION_READ,    true },
	{"POST",    ACTION_CREATE,  false},
    {"PATCH",   ACTION_UPDATE,  false},
	{"PUT",     ACTION_REPLACE, false},
    {"DELETE",  ACTION_DELETE,  false},
	{"OPTIONS", ACTION_OPTIONS, false},
};

static const char *
text_of(RestPlan *plan, Slice slice)
{
	return arena_copy(&plan->arena, slice.length > 0 ? slice.at : "", slice.length);
}

static int
hex(char c)
{
	return isdigit((unsigned char) c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* The path without percents and without a slash at its end; the decoded slashes in it do not
 * count as such: a name that has one is no name. */
static const char *
decoded_path(RestPlan *plan, Slice path)
{
	char *text = arena_take(&plan->arena, path.length + 1);
	size_t used = 0;

	for (size_t i = 0; i < path.length; i++)
	{
		char c = path.at[i];

		if (c == '%' && i + 2 < path.length && isxdigit((unsigned char) path.at[i + 1]) &&
			isxdigit((unsigned char) path.at[i + 2]))
		{
			c = (char) (hex(path.at[i + 1]) * 16 + hex(path.at[i + 2]));
			i += 2;
		}
		text[used++] = c;
	}
	if (used > 1 && text[used - 1] == '/')
		text[used - 1] = '\0';
	return text;
}

/* *relation or *function is the name that the path has; neither is the root. */
static bool
read_path(RestPlan *plan, Slice path, const char **relation, const char **function,
		  RestError *error)
{
	const char *text = decoded_path(plan, path);

	*relation = *function = NULL;
	text += *text == '/';
	if (*text == '\0')
		return true;
	if (strchr(text, '/') == NULL)
		*relation = text;
	else if (strncmp(text, "rpc/", 4) == 0 && strchr(text + 4, '/') == NULL)
		*function = text + 4;
	else
		return rest_error(error, &plan->arena, "PGRST125", NULL, NULL,
						  "Invalid path specified in request URL");
	return true;
}

static bool
read_method(RestPlan *plan, const RestRequest *request, bool function, bool root,
			bool *reads, RestError *error)
{
	const char *method = text_of(plan, request->method);

	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
	{
		if (strcmp(method, methods[i].method) != 0)
			continue;
		plan->action = methods[i].action;
		plan->head = strcmp(method, "HEAD") == 0;
		*reads = methods[i].reads;
		if (function && plan->action != ACTION_OPTIONS)
		{
			if (!*reads && plan->action != ACTION_CREATE)
				return rest_error(error, &plan->arena, "PGRST101", NULL, NULL,
								  "Cannot use the %s method on RPC", method);
			plan->action = ACTION_CALL;
		}
		if (!root || plan->action == ACTION_OPTIONS)
			return true;
		plan->action = ACTION_ROOT;
		if (*reads)
			return true;
		break;
	}
	return rest_error(error, &plan->arena, "PGRST117", NULL, NULL,
					  "Unsupported HTTP method: %s", method);
}

static bool
read_profile(RestPlan *plan, const RestRequest *request, bool reads, RestError *error)
{
	Slice said = reads ? request->accept_profile : request->content_profile;
	const RestConfig *config = plan->config;
	const char *all = "";

	plan->schema = config->schemas[0];
	plan->schema_said = config->schema_count > 1;
	if (said.length == 0)
		return true;
	for (size_t i = 0; i < config->schema_count; i++)
	{
		plan->schema = config->schemas[i];
		if (slice_is(said, plan->schema))
			return true;
		all = arena_printf(&plan->arena, "%s%s%s", all, i > 0 ? ", " : "", plan->schema);
	}
	return rest_error(
		error, &plan->arena, "PGRST106", NULL,
		arena_printf(&plan->arena, "Only the following schemas are exposed: %s", all),
		"Invalid schema: %.*s", (int) said.length, said.at);
}

/* "5-9", "5-"; anything else says nothing. */
static bool
read_range_field(RestPlan *plan, Slice field, int64_t *first, int64_t *last)
{
	const char *text = text_of(plan, field);
	char *end;

	*first = 0;
	*last = INT64_MAX;
	if (!isdigit((unsigned char) *text))
		return false;
	long long from = strtoll(text, &end, 10);

	if (*end != '-' || (end[1] != '\0' && !isdigit((unsigned char) end[1])))
		return false;
	*first = from;
	if (end[1] != '\0')
		*last = strtoll(end + 1, &end, 10);
	return true;
}

/* limit= and offset= of the root, and the Range field: the rows that are in both. */
static bool
read_range(RestPlan *plan, const RestRequest *request, RestError *error)
{
	RowRange *range = &plan->query.root->range;
	int64_t first, last;

	plan->range = *range;
	if (range->limit == 0)
	{
		range->offset = plan->range.offset = 0;
		return true;
	}
	if (!slice_is(request->method, "GET") ||
		!read_range_field(plan, request->range, &first, &last))
		return true;
	if (last < first)
		return rest_error(error, &plan->arena, "PGRST103",
						  "The lower boundary must be lower than or equal to the upper "
						  "boundary in the Range header.",
						  NULL, "Requested range not satisfiable");
	int64_t limited = range->limit < 0 || range->offset > INT64_MAX - range->limit
						  ? INT64_MAX
						  : range->offset + range->limit - 1;

	first = first > range->offset ? first : range->offset;
	last = last < limited ? last : limited;
	if (last < first)
		return rest_error(error, &plan->arena, "PGRST103",
						  "Limit should be greater than or equal to zero.", NULL,
						  "Requested range not satisfiable");
	range->offset = first;
	range->limit = last == INT64_MAX ? -1 : last - first + 1;
	plan->range = *range;
	return true;
}

static bool
find_relation(RestPlan *plan, const char *name, RestError *error)
{
	size_t count, used = 0;
	const Relation *all = schema_relations(plan->cache, &count);
	const char **names = arena_take(&plan->arena, (count + 1) * sizeof *names);
	const char *nearest;

	plan->relation = schema_relation(plan->cache, plan->schema, name);
	if (plan->relation != NULL)
		return true;
	for (size_t i = 0; i < count; i++)
	{
		if (all[i].exposed && strcmp(all[i].schema, plan->schema) == 0)
			names[used++] = all[i].name;
	}
	nearest = rest_nearest_from(name, names, used, MOST_LIKE);
	return rest_error(
		error, &plan->arena, "PGRST205", NULL,
		nearest == NULL
			? NULL
			: arena_printf(&plan->arena, "Perhaps you meant the table '%s.%s'",
						   plan->schema, nearest),
		"Could not find the table '%s.%s' in the schema cache", plan->schema, name);
}

void
plan_transaction(RestPlan *plan)
{
	const RestConfig *config = plan->config;

	plan->rollback = config->end_rollback;
	if (config->end_preferred && plan->prefer.end != END_UNSAID)
		plan->rollback = plan->prefer.end == END_ROLLBACK;
	plan->immediate = plan->rollback;
	plan->timezone = plan->prefer.timezone;
}

static bool
plan_action(RestPlan *plan, const RestRequest *request, const char *function,
			RestError *error)
{
	switch (plan->action)
	{
		case ACTION_READ:
			return plan_read(plan, request, error);
		case ACTION_CALL:
			return plan_call(plan, request, function, error);
		case ACTION_OPTIONS:
			return plan_options(plan, request, function, error);
		case ACTION_ROOT:
			return plan_root(plan, error);
		case ACTION_CREATE:
		case ACTION_UPDATE:
		case ACTION_REPLACE:
		case ACTION_DELETE:
			break;
	}
	return plan_write(plan, request, error);
}

/* C's texts and those of PostgreSQL end at a zero: what follows would be lost, unseen. */
static bool
check_zeros(RestPlan *plan, const RestRequest *request, RestError *error)
{
	const char *path = text_of(plan, request->path);
	const char *query = text_of(plan, request->query);

	if (strstr(path, "%00") == NULL && strstr(query, "%00") == NULL)
		return true;
	return rest_error(error, &plan->arena, "PGRST100", NULL, NULL,
					  "A URL cannot hold a zero byte (%%00)");
}

static bool
check_size(RestPlan *plan, RestError *error)
{
	return (!plan->sql.full && !plan->count.full) ||
		   rest_error(error, &plan->arena, "PGRST100", NULL,
					  "Ask for less at once, or write a view or a function.",
					  "The query is too large: its statement has more than %zu bytes or "
					  "%d values",
					  SQL_MOST_BYTES, SQL_MOST_VALUES);
}

bool
rest_plan(const Schema *schema, const RestConfig *config, const RestRequest *request,
		  RestPlan *plan, RestError *error)
{
	const char *relation, *function;
	bool reads = false;

	*plan = (RestPlan){.cache = schema, .config = config};
	*error = (RestError){0};
	sql_init(&plan->sql, &plan->arena);
	sql_init(&plan->count, &plan->arena);
	if (!check_zeros(plan, request, error) ||
		!read_path(plan, request->path, &relation, &function, error) ||
		!read_method(plan, request, function != NULL,
					 relation == NULL && function == NULL, &reads, error) ||
		!read_profile(plan, request, reads, error))
		return false;
	prefer_read(&plan->arena, request->prefer, config->end_preferred, &plan->prefer);
	plan_transaction(plan);
	if (!query_parse(&plan->arena, request->query, reads && plan->action == ACTION_CALL,
					 &plan->query, error) ||
		!read_range(plan, request, error))
		return false;
	return (relation == NULL || find_relation(plan, relation, error)) &&
		   (plan->action == ACTION_OPTIONS || plan->action == ACTION_CALL ||
			media_negotiate(plan, request->accept, error)) &&
		   plan_action(plan, request, function, error) && check_size(plan, error) &&
		   prefer_check(&plan->prefer, &plan->arena, error);
}

void
rest_plan_free(RestPlan *plan)
{
	sql_free(&plan->sql);
	sql_free(&plan->count);
	arena_free(&plan->arena);
}
