/*
 * rest/call_choose.c
 *	  Overloads are told apart by the names of their arguments.
 */
#include "rest/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define MOST_TOLD 2000 /* bytes of the names in an error */

/* Types of an only argument without a name, by what the body is. */
static const struct
{
	PayloadType payload;
	const char *type;
} whole_types[] = {
	{PAYLOAD_JSON,   "json" },
    {PAYLOAD_JSON,   "jsonb"},
    {PAYLOAD_TEXT,   "text" },
	{PAYLOAD_XML,    "xml"  },
    {PAYLOAD_OCTETS, "bytea"},
};

typedef struct Matches
{
	const Function **functions;
	size_t count;
} Matches;

static bool
takes_whole(const Function *function, const CallNames *given)
{
	if (!given->post || function->argument_count != 1 ||
		*function->arguments[0].name != '\0')
		return false;
	for (size_t i = 0; i < sizeof whole_types / sizeof whole_types[0]; i++)
	{
		if (whole_types[i].payload == given->type &&
			strcmp(whole_types[i].type, function->arguments[0].type) == 0)
			return true;
	}
	return false;
}

static bool
is_raw(const CallNames *given)
{
	return given->post && given->type > PAYLOAD_CSV;
}

static bool
gives(const CallNames *given, const char *name)
{
	for (size_t i = 0; i < given->count; i++)
	{
		if (strcmp(given->names[i], name) == 0)
			return true;
	}
	return false;
}

static bool
takes_names(const Function *function, const CallNames *given)
{
	size_t taken = 0;

	if (is_raw(given))
		return false;
	for (size_t i = 0; i < function->argument_count; i++)
	{
		if (gives(given, function->arguments[i].name))
			taken++;
		else if (function->arguments[i].required)
			return false;
	}
	return taken == given->count;
}

static Matches
matches(RestPlan *plan, const Function *functions, size_t count, const CallNames *given,
		bool (*takes)(const Function *function, const CallNames *given))
{
	Matches found = {.functions = arena_take(&plan->arena, (count + 1) * sizeof(void *))};

	for (size_t i = 0; i < count; i++)
	{
		if (!functions[i].of_row && takes(&functions[i], given))
			found.functions[found.count++] = &functions[i];
	}
	return found;
}

/* "a, b": what was sent, so its length is bounded, and no more than that is told back */
static const char *
joined(Arena *arena, const char *const *names, size_t count)
{
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	for (size_t i = 0; i < count && text.length < MOST_TOLD; i++)
		buffer_printf(&text, "%s%s", i > 0 ? ", " : "", names[i]);
	if (text.length > MOST_TOLD)
		return arena_printf(arena, "%.*s...", MOST_TOLD, text.data);
	return arena_copy(arena, text.data, text.length);
}

/* "(a, b)" of a function */
static const char *
signature(Arena *arena, const Function *function)
{
	const char *text = "";

	for (size_t i = 0; i < function->argument_count; i++)
		text = arena_printf(arena, "%s%s%s", text, i > 0 ? ", " : "",
							function->arguments[i].name);
	return arena_printf(arena, "(%s)", text);
}

static const char *
near_name(RestPlan *plan, const char *name)
{
	size_t count, used = 0;
	const Function *all = schema_all_functions(plan->cache, &count);
	const char **names = arena_take(&plan->arena, (count + 1) * sizeof *names);

	for (size_t i = 0; i < count; i++)
	{
		if (strcmp(all[i].schema, plan->schema) == 0 && !all[i].of_row)
			names[used++] = all[i].name;
	}
	return rest_nearest_from(name, names, used, 0.75);
}

static const char *
near_signature(RestPlan *plan, const Function *functions, size_t count,
			   const CallNames *given)
{
	Arena *arena = &plan->arena;
	const char **names = arena_take(arena, (count + 1) * sizeof *names);
	const char *nearest;
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
	{
		if (!functions[i].of_row)
			names[used++] = signature(arena, &functions[i]);
	}
	nearest = rest_nearest(
		arena_printf(arena, "(%s)", joined(arena, given->names, given->count)), names,
		used);
	return nearest == NULL ? NULL
						   : arena_printf(arena, "%s%s", functions[0].name, nearest);
}

static bool
none_found(RestPlan *plan, const char *name, const Function *functions, size_t count,
		   const CallNames *given, RestError *error)
{
	static const char *const raw_types[] = {
		[PAYLOAD_TEXT] = "text", [PAYLOAD_XML] = "xml", [PAYLOAD_OCTETS] = "bytea"};
	Arena *arena = &plan->arena;
	const char *list = joined(arena, given->names, given->count);
	const char *searched, *shown, *hint = NULL;

	if (is_raw(given))
	{
		searched = arena_printf(arena, "with a single unnamed %s parameter",
								raw_types[given->type]);
		shown = "";
	}
	else if (given->count == 0)
	{
		searched = "without parameters";
		shown = " without parameters";
	}
	else
	{
		searched =
			arena_printf(arena, "with parameter%s %s", given->count > 1 ? "s" : "", list);
		shown = arena_printf(arena, "(%s)", list);
	}
	if (!is_raw(given))
		hint = count > 0 ? near_signature(plan, functions, count, given)
						 : near_name(plan, name);
	return rest_error(
		error, arena, "PGRST202",
		arena_printf(arena,
					 "Searched for the function %s.%s %s%s, but no matches were found in "
					 "the schema cache.",
					 plan->schema, name, searched,
					 given->post && given->type == PAYLOAD_JSON
						 ? " or with a single unnamed json/jsonb parameter"
						 : ""),
		hint == NULL ? NULL
					 : arena_printf(arena, "Perhaps you meant to call the function %s.%s",
									plan->schema, hint),
		"Could not find the function %s.%s%s in the schema cache", plan->schema, name,
		shown);
}

/* "name(a => integer, b => text)" */
static const char *
described(Arena *arena, const Function *function)
{
	const char *text = "";

	for (size_t i = 0; i < function->argument_count; i++)
		text = arena_printf(arena, "%s%s%s => %s", text, i > 0 ? ", " : "",
							function->arguments[i].name, function->arguments[i].type);
	return arena_printf(arena, "%s.%s(%s)", function->schema, function->name, text);
}

static int
by_arguments(const void *a, const void *b)
{
	const Function *one = *(const Function *const *) a;
	const Function *two = *(const Function *const *) b;

	if (one->argument_count != two->argument_count)
		return one->argument_count < two->argument_count ? -1 : 1;
	for (size_t i = 0; i < one->argument_count; i++)
	{
		int order = strcmp(one->arguments[i].name, two->arguments[i].name);

		if (order == 0)
			order = strcmp(one->arguments[i].type, two->arguments[i].type);
		if (order != 0)
			return order;
	}
	return 0;
}

static bool
several_found(RestPlan *plan, Matches *found, RestError *error)
{
	const char *list = "";

	qsort(found->functions, found->count, sizeof(void *), by_arguments);
	for (size_t i = 0; i < found->count; i++)
		list = arena_printf(&plan->arena, "%s%s%s", list, i > 0 ? ", " : "",
							described(&plan->arena, found->functions[i]));
	return rest_error(
		error, &plan->arena, "PGRST203", NULL,
		"Try renaming the parameters or the function itself in the database so function "
		"overloading can be resolved",
		"Could not choose the best candidate function between: %s", list);
}

bool
call_choose(RestPlan *plan, const char *name, const CallNames *given, bool *whole,
			RestError *error)
{
	size_t count = 0;
	const Function *functions = schema_functions(plan->cache, plan->schema, name, &count);
	Matches found;

	count = functions == NULL ? 0 : count;
	found = matches(plan, functions, count, given, takes_names);
	*whole = found.count == 0;
	if (*whole)
		found = matches(plan, functions, count, given, takes_whole);
	if (found.count == 0)
		return none_found(plan, name, functions, count, given, error);
	if (found.count > 1)
		return several_found(plan, &found, error);
	plan->function = found.functions[0];
	return true;
}
