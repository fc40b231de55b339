/*
 * rest/invoke_error.c
 *	  Values that are none of what their argument takes.
 *
 * Only the database knows what a time or an id looks like, so it is the one that refuses; it
 * quotes the value and its type. The argument is the one that this value was given to.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "rest/invoke.h"

#define MOST_SHOWN 100 /* bytes of a value */

typedef struct Search
{
	const Invoked *invoked;
	const char *value; /* that the database quoted; NULL: none */
	const char *type;  /* that it named; NULL: none */
	const char *name;  /* of the argument found */
	bool certain;      /* value and type fit */
} Search;

/* What is said of a value that is none of the type: how one looks. */
static const struct
{
	const char *type; /* how its name begins */
	const char *rule;
} rules[] = {
	{"uuid",      "It is an id, like 0190b6a0-7c1e-7000-8000-000000000001."    },
	{"boolean",   "It is true or false."									   },
	{"smallint",  "It is a whole number, at most 32767."                       },
	{"integer",   "It is a whole number, at most 2147483647."                  },
	{"bigint",    "It is a whole number."									  },
	{"numeric",   "It is a number."											},
	{"double",    "It is a number."											},
	{"real",      "It is a number."											},
	{"date",      "It is a day, like 2026-09-01."                              },
	{"timestamp", "It is a time, like 2026-09-01T09:00:00Z; in a URL + is %2B."},
	{"time",      "It is a time of day, like 09:00."                           },
	{"interval",  "It is a duration, like 90 minutes."                         },
	{"json",      "It is JSON."												},
	{"inet",      "It is an address, like 192.0.2.7."                          },
};

static const char *
argument_type(const Search *search, const char *name)
{
	const Function *function = search->invoked->function;

	for (size_t i = 0; i < function->argument_count; i++)
	{
		if (strcmp(function->arguments[i].name, name) == 0)
			return function->arguments[i].type;
	}
	return "";
}

/* Two arguments may have the same value: the one of the type that was named counts. */
static void
try_value(Search *search, const char *name, const char *value)
{
	const char *type = argument_type(search, name);
	bool typed =
		search->type != NULL && strncmp(type, search->type, strlen(search->type)) == 0;
	bool same = search->value != NULL ? strcmp(value, search->value) == 0 : typed;

	if (!same || (search->name != NULL && (search->certain || !typed)))
		return;
	search->name = name;
	search->certain = typed;
}

static void
try_member(Search *search, Arena *arena, const char *name, const cJSON *value)
{
	char *printed = cJSON_IsString(value) ? NULL : json_print(value);

	try_value(search, name,
			  arena_text(arena, printed != NULL ? printed : value->valuestring));
	free(printed);
}

/* The members of a body, and those of its lists. */
static void
try_body(Search *search, Arena *arena)
{
	const Slice body = search->invoked->body;
	CLEANUP(json) cJSON *object = NULL;
	const cJSON *member, *element;

	if (body.length == 0 || !json_parse(body.at, body.length, "body", &object, NULL) ||
		!cJSON_IsObject(object))
		return;
	cJSON_ArrayForEach(member, object)
	{
		const char *name = arena_text(arena, member->string);

		try_member(search, arena, name, member);
		if (cJSON_IsArray(member))
			cJSON_ArrayForEach(element, member) try_member(search, arena, name, element);
	}
}

/* What stands between the first quote and the last one. */
static const char *
quoted(Arena *arena, const char *message)
{
	const char *start = strchr(message, '"');
	const char *end = strrchr(message, '"');

	return start != NULL && end > start
			   ? arena_copy(arena, start + 1, (size_t) (end - start - 1))
			   : NULL;
}

/* "... for type uuid: ..." as "uuid". */
static const char *
named_type(Arena *arena, const char *message)
{
	const char *at = strstr(message, "for type ");
	size_t length;

	if (at == NULL)
		return NULL;
	at += strlen("for type ");
	length = strcspn(at, ":");
	return arena_copy(arena, at, length);
}

static const char *
rule_of(Arena *arena, const char *type)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
	{
		if (strncmp(type, rules[i].type, strlen(rules[i].type)) == 0)
			return rules[i].rule;
	}
	/* a message without a type is about a date or a time, that the function reads itself */
	if (strcmp(type, "text") == 0)
		return "It is a time, like 2026-09-01T09:00:00Z, or a day, like 2026-09-01.";
	return *type != '\0' ? arena_printf(arena, "It is of the type %s.", type) : NULL;
}

/* Syntax, and what is out of range. */
static bool
is_about_value(const char *sqlstate)
{
	static const char *const codes[] = {"22P02", "22007", "22008", "22003"};

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (strcmp(sqlstate, codes[i]) == 0)
			return true;
	return false;
}

void
rest_explain_argument(Arena *arena, const Invoked *invoked, RestError *error)
{
	Search search = {.invoked = invoked};
	const char *type;

	if (!is_about_value(error->code))
		return;
	search.value = quoted(arena, error->message);
	search.type = named_type(arena, error->message);
	for (size_t i = 0; i < invoked->pair_count; i++)
		try_value(&search, invoked->pairs[i].name, invoked->pairs[i].value);
	try_body(&search, arena);
	if (search.name == NULL)
		return;
	type = search.type != NULL ? search.type : argument_type(&search, search.name);
	(void) rest_error(error, arena, "LP030", NULL, rule_of(arena, type),
					  "%s: %s cannot be \"%.*s\"", invoked->said, search.name, MOST_SHOWN,
					  search.value != NULL ? search.value : "");
	error->status = rest_sqlstate_status("LP030", "", true);
}
