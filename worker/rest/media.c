/*
 * rest/media.c
 *	  Media types: what the client accepts, in the order of its weights, against a table of
 *	  what can be made.
 */
#include "rest/media.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_TYPES 32

#define ANY   "*/*"
#define JSON  "application/json; charset=utf-8"
#define PGRST "application/vnd.pgrst."
#define PLAN  PGRST "plan"

static const struct
{
	const char *type;
	RestMedia media;
	bool of_rows;
	bool of_root;
} known[] = {
	{ANY,								MEDIA_JSON,            true,  true },
	{"application/*",                    MEDIA_JSON,            true,  true },
	{"application/json",                 MEDIA_JSON,            true,  true },
	{"application/openapi+json",         MEDIA_OPENAPI,         false, true },
	{PGRST "array",					  MEDIA_JSON,            true,  false},
	{PGRST "array+json",                 MEDIA_JSON,            true,  false},
	{PGRST "array;nulls=stripped",       MEDIA_STRIPPED,        true,  false},
	{PGRST "array+json;nulls=stripped",  MEDIA_STRIPPED,        true,  false},
	{PGRST "object",					 MEDIA_OBJECT,          true,  false},
	{PGRST "object+json",                MEDIA_OBJECT,          true,  false},
	{PGRST "object;nulls=stripped",      MEDIA_OBJECT_STRIPPED, true,  false},
	{PGRST "object+json;nulls=stripped", MEDIA_OBJECT_STRIPPED, true,  false},
	{"text/csv",						 MEDIA_CSV,             true,  false},
};

/* By RestMedia. */
static const char *const types[] = {
	[MEDIA_JSON] = JSON,
	[MEDIA_STRIPPED] = PGRST "array+json;nulls=stripped; charset=utf-8",
	[MEDIA_OBJECT] = PGRST "object+json; charset=utf-8",
	[MEDIA_OBJECT_STRIPPED] = PGRST "object+json;nulls=stripped; charset=utf-8",
	[MEDIA_CSV] = "text/csv; charset=utf-8",
	[MEDIA_OPENAPI] = "application/openapi+json; charset=utf-8",
	[MEDIA_OCTETS] = "application/octet-stream",
	[MEDIA_TEXT] = "text/plain; charset=utf-8",
	[MEDIA_XML] = "text/xml; charset=utf-8",
};

typedef struct Accepted
{
	char *type;     /* lower case, without blanks and other parameters than nulls= */
	const char *of; /* for="...": of which answer the plan is wanted */
	double weight;
	size_t place;
} Accepted;

const char *
media_type(const RestPlan *plan)
{
	size_t length;

	if (plan->media != MEDIA_MADE)
		return types[plan->media];
	/* one of ours tells its characters, too */
	length = strlen(plan->made);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
	{
		if (types[i] != NULL && strncmp(types[i], plan->made, length) == 0 &&
			types[i][length] == ';')
			return types[i];
	}
	return plan->made;
}

static int
by_weight(const void *a, const void *b)
{
	const Accepted *one = a, *two = b;

	if (one->weight != two->weight)
		return one->weight > two->weight ? -1 : 1;
	return one->place < two->place ? -1 : 1;
}

/* "0.5"; what is no number in this form counts as nothing. */
static double
read_weight(const char *text)
{
	size_t length = strspn(text, "0123456789.");

	return text[length] == '\0' ? strtod(text, NULL) : 0;
}

/* One range of the field; its parameters in their order. */
static void
read_range(Arena *arena, const char *at, size_t length, Accepted *accepted)
{
	char *text = arena_take(arena, length + 1);
	char *type = arena_text(arena, "");
	char *rest = NULL;
	size_t used = 0;
	bool stripped = false;

	for (size_t i = 0; i < length; i++)
	{
		if (at[i] != ' ' && at[i] != '\t')
			text[used++] = at[i];
	}
	accepted->weight = 1;
	accepted->of = NULL;
	for (char *part = strtok_r(text, ";", &rest); part != NULL;
		 part = strtok_r(NULL, ";", &rest))
	{
		if (strncasecmp(part, "q=", 2) == 0)
			accepted->weight = read_weight(part + 2);
		else if (*type == '\0')
			type = part;
		else if (strcasecmp(part, "nulls=stripped") == 0)
			stripped = true;
		else if (strncasecmp(part, "for=", 4) == 0)
			accepted->of = part + 4;
	}
	accepted->type = stripped ? arena_printf(arena, "%s;nulls=stripped", type) : type;
}

static size_t
read_accept(Arena *arena, Slice accept, Accepted *accepted)
{
	const char *at = accept.at, *end = accept.at + accept.length;
	size_t count = 0;

	while (at < end && count < MOST_TYPES)
	{
		const char *comma = memchr(at, ',', (size_t) (end - at));
		const char *stop = comma != NULL ? comma : end;

		read_range(arena, at, (size_t) (stop - at), &accepted[count]);
		accepted[count].place = count;
		count += *accepted[count].type != '\0';
		at = stop + 1;
	}
	qsort(accepted, count, sizeof *accepted, by_weight);
	return count;
}

/* As an error tells it: of plans, which are not told, with what was left out. */
static const char *
told(Arena *arena, const Accepted *accepted)
{
	if (strncasecmp(accepted->type, PLAN, strlen(PLAN)) != 0)
		return accepted->type;
	return arena_printf(arena, "%s%s; for=%s", accepted->type,
						accepted->type[strlen(PLAN)] == '\0' ? "+text" : "",
						accepted->of != NULL ? accepted->of : "\"application/json\"");
}

static bool
make(RestPlan *plan, const char *media, bool binary, const Handler *handler)
{
	plan->media = MEDIA_MADE;
	plan->made = strcmp(media, ANY) == 0 ? "application/octet-stream" : media;
	plan->binary = binary;
	plan->handler = handler;
	return true;
}

bool
media_of_function(RestPlan *plan)
{
	const Function *function = plan->function;

	return function->media != NULL && make(plan, function->media, function->binary, NULL);
}

/* An aggregate of rows of the relation (NULL: of any) that makes this type. */
static const Handler *
find_handler(const RestPlan *plan, const Relation *relation, const char *type)
{
	size_t count;
	const Handler *handlers = schema_handlers(plan->cache, &count);

	for (size_t i = 0; i < count; i++)
	{
		if (handlers[i].relation == relation &&
			strcasecmp(handlers[i].media, type) == 0 &&
			strcmp(handlers[i].schema, plan->schema) == 0)
			return &handlers[i];
	}
	return NULL;
}

/* Whether the database makes this type itself: the function that is called, or an aggregate
 * of whole rows of the relation, or one of whatever was selected. */
static bool
find_made(RestPlan *plan, const char *type)
{
	const Function *function = plan->function;
	const Relation *relation = function != NULL ? function->relation : plan->relation;
	bool any = strcmp(type, ANY) == 0;
	const char *wanted = any ? "application/json" : type;
	const Handler *handler = NULL;

	if (function != NULL && function->media != NULL)
		return (any || strcmp(function->media, ANY) == 0 ||
				strcasecmp(function->media, type) == 0) &&
			   media_of_function(plan);
	if (function != NULL && function->returns != RESULT_COMPOSITE)
		return false;
	if (relation != NULL && plan->query.root->unsaid && plan->query.root->first == NULL)
	{
		handler = find_handler(plan, relation, ANY);
		if (handler == NULL)
			handler = find_handler(plan, relation, wanted);
	}
	if (handler == NULL)
		handler = find_handler(plan, NULL, wanted);
	return handler != NULL && make(plan, handler->media, handler->binary, handler);
}

bool
media_negotiate(RestPlan *plan, Slice accept, RestError *error)
{
	Accepted accepted[MOST_TYPES] = {{0}};
	size_t count = read_accept(&plan->arena, accept, accepted);
	bool root = plan->action == ACTION_ROOT;
	const char *list = "";

	plan->media = root ? MEDIA_OPENAPI : MEDIA_JSON;
	if (count == 0 && !root && find_made(plan, ANY))
		return true;
	for (size_t i = 0; i < count; i++)
	{
		/* those with parameters of PostgREST's own are never made by others */
		if (!root && strncasecmp(accepted[i].type, PGRST, strlen(PGRST)) != 0 &&
			find_made(plan, accepted[i].type))
			return true;
		for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
		{
			if (strcasecmp(known[k].type, accepted[i].type) != 0 ||
				!(root ? known[k].of_root : known[k].of_rows))
				continue;
			plan->media = root ? MEDIA_OPENAPI : known[k].media;
			return true;
		}
		list = arena_printf(&plan->arena, "%s%s%s", list, i > 0 ? ", " : "",
							told(&plan->arena, &accepted[i]));
	}
	return count == 0 || rest_error(error, &plan->arena, "PGRST107", NULL, NULL,
									"None of these media types are available: %s", list);
}

/* What the answer of a call may turn out to be. */
static const struct
{
	RestMedia media;
	const char *type;
} made_by_calls[] = {
	{MEDIA_JSON, "application/json"},
	{MEDIA_TEXT, "text/plain"      },
	{MEDIA_TEXT, "text/csv"        },
	{MEDIA_TEXT, "application/json"},
};

/* Whether a range of the field covers the type. */
static bool
covers(const char *range, const char *type)
{
	size_t length = strlen(range);

	if (strcmp(range, ANY) == 0 || strcmp(type, ANY) == 0 || strcasecmp(range, type) == 0)
		return true;
	return length > 2 && strcmp(range + length - 2, "/*") == 0 &&
		   strncasecmp(range, type, length - 1) == 0;
}

static bool
is_makeable(const RestPlan *plan, const char *range)
{
	if (plan->media == MEDIA_MADE)
		return covers(range, plan->made);
	for (size_t i = 0; i < sizeof made_by_calls / sizeof made_by_calls[0]; i++)
	{
		if (made_by_calls[i].media == plan->media && covers(range, made_by_calls[i].type))
			return true;
	}
	return false;
}

bool
media_accepts(RestPlan *plan, Slice accept, RestError *error)
{
	Accepted accepted[MOST_TYPES] = {{0}};
	size_t count = read_accept(&plan->arena, accept, accepted);
	const char *list = "";

	for (size_t i = 0; i < count; i++)
	{
		if (accepted[i].weight > 0 && is_makeable(plan, accepted[i].type))
			return true;
		list = arena_printf(&plan->arena, "%s%s%s", list, i > 0 ? ", " : "",
							accepted[i].type);
	}
	return count == 0 ||
		   rest_error(error, &plan->arena, "PGRST107", NULL,
					  plan->media == MEDIA_TEXT
						  ? "Accept application/json, text/csv or text/plain, or leave "
							"Accept out."
						  : "Accept application/json, or leave Accept out.",
					  "None of these media types are available: %s", list);
}
