/*
 * gate/routes.c
 *	  The table of paths, and the row of a request.
 *
 * Rows are in an order in which words come before variables, segment by segment: the first
 * path that fits is the one that says most, and the rows of one path stand together.
 */
#include "gate/routes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "rest/pairs.h"

#define MOST_SEGMENTS 12
#define MOST_LIKE     0.6 /* of a path must be the same to be suggested */

typedef struct Segment
{
	const char *word; /* or the name of the variable */
	bool variable;
} Segment;

typedef struct Route
{
	const char *method;
	const char *path;
	Segment segments[MOST_SEGMENTS];
	size_t segment_count;
	const char *function;
	QueryPair *fixed;
	size_t fixed_count;
	const char *body;
	int status;
} Route;

struct Routes
{
	Arena arena;
	Route *rows;
	size_t count;
	size_t capacity;
};

/* A path in parts, decoded. */
typedef struct Parts
{
	const char *words[MOST_SEGMENTS];
	size_t count;
} Parts;

Routes *
routes_new(void)
{
	return array_new(1, sizeof(Routes));
}

void
routes_free(Routes *routes)
{
	if (routes == NULL)
		return;
	arena_free(&routes->arena);
	free(routes->rows);
	free(routes);
}

static int
hex(char c)
{
	return isdigit((unsigned char) c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* NULL: it has a zero, which no argument can. */
static const char *
decoded(Arena *arena, const char *at, size_t length)
{
	char *text = arena_take(arena, length + 1);
	size_t used = 0;

	for (size_t i = 0; i < length; i++)
	{
		char c = at[i];

		if (c == '%' && i + 2 < length && isxdigit((unsigned char) at[i + 1]) &&
			isxdigit((unsigned char) at[i + 2]))
		{
			c = (char) (hex(at[i + 1]) * 16 + hex(at[i + 2]));
			i += 2;
		}
		if (c == '\0')
			return NULL;
		text[used++] = c;
	}
	return text;
}

/* "/a/b" or "/a/b/"; false: empty segments, or too many. */
static bool
split(Arena *arena, Slice path, Parts *parts)
{
	const char *at = path.at;
	const char *end = path.at + path.length;

	parts->count = 0;
	while (at < end && *at == '/')
	{
		const char *next = memchr(at + 1, '/', (size_t) (end - at - 1));
		const char *stop = next != NULL ? next : end;

		if (stop == at + 1)
			return stop == end && parts->count > 0;
		if (parts->count == MOST_SEGMENTS)
			return false;
		parts->words[parts->count] = decoded(arena, at + 1, (size_t) (stop - at - 1));
		if (parts->words[parts->count++] == NULL)
			return false;
		at = stop;
	}
	return at == end && parts->count > 0;
}

static bool
read_fixed(Routes *routes, Route *route, const char *fixed)
{
	CLEANUP(json) cJSON *object = NULL;
	const cJSON *member;

	if (fixed == NULL)
		return true;
	if (!json_parse(fixed, strlen(fixed), "arguments", &object, NULL) ||
		!cJSON_IsObject(object))
		return false;
	route->fixed = arena_take(&routes->arena, (size_t) (cJSON_GetArraySize(object) + 1) *
												  sizeof(QueryPair));
	cJSON_ArrayForEach(member, object)
	{
		char *printed = cJSON_IsString(member) ? NULL : json_print(member);

		route->fixed[route->fixed_count++] = (QueryPair){
			arena_text(&routes->arena, member->string),
			arena_text(&routes->arena, printed != NULL ? printed : member->valuestring)};
		free(printed);
	}
	return true;
}

static bool
read_path(Routes *routes, Route *route, const char *path)
{
	Parts parts;

	if (!split(&routes->arena, (Slice){path, strlen(path)}, &parts))
		return false;
	for (size_t i = 0; i < parts.count; i++)
	{
		const char *word = parts.words[i];
		size_t length = strlen(word);
		bool variable = length > 2 && word[0] == '{' && word[length - 1] == '}';

		route->segments[i] = (Segment){
			variable ? arena_copy(&routes->arena, word + 1, length - 2) : word, variable};
	}
	route->segment_count = parts.count;
	return true;
}

bool
routes_add(Routes *routes, const char *method, const char *path, const char *function,
		   const char *fixed, const char *body, int status)
{
	Route route = {.status = status};

	if (method == NULL || path == NULL || function == NULL ||
		!read_path(routes, &route, path) || !read_fixed(routes, &route, fixed))
		return false;
	route.method = arena_text(&routes->arena, method);
	route.path = arena_text(&routes->arena, path);
	route.function = arena_text(&routes->arena, function);
	route.body = body != NULL ? arena_text(&routes->arena, body) : NULL;
	routes->rows =
		array_room(routes->rows, &routes->capacity, routes->count + 1, sizeof route);
	routes->rows[routes->count++] = route;
	return true;
}

static int
compare_segments(const Segment *one, const Segment *two)
{
	if (one->variable != two->variable)
		return one->variable ? 1 : -1;
	return one->variable ? 0 : strcmp(one->word, two->word);
}

static int
compare_paths(const Route *one, const Route *two)
{
	size_t count =
		one->segment_count < two->segment_count ? one->segment_count : two->segment_count;

	for (size_t i = 0; i < count; i++)
	{
		int order = compare_segments(&one->segments[i], &two->segments[i]);

		if (order != 0)
			return order;
	}
	return (one->segment_count > two->segment_count) -
		   (one->segment_count < two->segment_count);
}

static int
compare_routes(const void *a, const void *b)
{
	const Route *one = a, *two = b;
	int order = compare_paths(one, two);

	return order != 0 ? order : strcmp(one->method, two->method);
}

void
routes_sort(Routes *routes)
{
	if (routes->count > 1)
		qsort(routes->rows, routes->count, sizeof *routes->rows, compare_routes);
}

static bool
fits(const Route *route, const Parts *parts)
{
	if (route->segment_count != parts->count)
		return false;
	for (size_t i = 0; i < parts->count; i++)
	{
		if (!route->segments[i].variable &&
			strcmp(route->segments[i].word, parts->words[i]) != 0)
			return false;
	}
	return true;
}

/* The first of the rows with the path; *count of them. */
static const Route *
rows_of(const Routes *routes, const Parts *parts, size_t *count)
{
	for (size_t i = 0; i < routes->count; i++)
	{
		if (!fits(&routes->rows[i], parts))
			continue;
		*count = 1;
		while (i + *count < routes->count &&
			   compare_paths(&routes->rows[i], &routes->rows[i + *count]) == 0)
			(*count)++;
		return &routes->rows[i];
	}
	*count = 0;
	return NULL;
}

static const char *
allowed(Arena *arena, const Route *rows, size_t count)
{
	const char *list = "OPTIONS";

	for (size_t i = 0; i < count; i++)
		list = arena_printf(arena, "%s, %s%s", list, rows[i].method,
							strcmp(rows[i].method, "GET") == 0 ? ", HEAD" : "");
	return list;
}

/* The path of a row with what was asked for in the place of its variables. */
static const char *
imagined(Arena *arena, const Route *route, const Parts *parts)
{
	const char *text = "";

	for (size_t i = 0; i < route->segment_count; i++)
		text = arena_printf(arena, "%s/%s", text,
							i < parts->count && route->segments[i].variable
								? parts->words[i]
								: route->segments[i].word);
	return text;
}

static bool
answers(const Route *route, Slice method)
{
	return slice_is(method, route->method) ||
		   (slice_is(method, "HEAD") && strcmp(route->method, "GET") == 0);
}

/* Of those that know the method: who reads is not sent to what changes something. */
static const char *
nearest(const Routes *routes, const Parts *parts, Slice method, Arena *arena)
{
	const char **candidates = arena_take(arena, (routes->count + 1) * sizeof *candidates);
	const Route **rows = arena_take(arena, (routes->count + 1) * sizeof(void *));
	const char *asked = "";
	const char *best;
	size_t count = 0;

	for (size_t i = 0; i < parts->count; i++)
		asked = arena_printf(arena, "%s/%s", asked, parts->words[i]);
	for (size_t i = 0; i < routes->count; i++)
	{
		if (!answers(&routes->rows[i], method))
			continue;
		rows[count] = &routes->rows[i];
		candidates[count++] = imagined(arena, &routes->rows[i], parts);
	}
	best = rest_nearest_from(asked, candidates, count, MOST_LIKE);
	for (size_t i = 0; best != NULL && i < count; i++)
	{
		if (candidates[i] == best)
			return rows[i]->path;
	}
	return NULL;
}

static RouteResult
refuse_path(const Routes *routes, const Parts *parts, Slice method, Slice path,
			Arena *arena, RestError *error)
{
	const char *near = nearest(routes, parts, method, arena);

	(void) rest_error(
		error, arena, "PGRST125", NULL,
		near != NULL ? arena_printf(arena, "Perhaps you meant %s%s", ROUTES_PREFIX, near)
					 : "GET " ROUTES_PREFIX "/routes lists the paths.",
		"There is no path %.*s", path.length < 200 ? (int) path.length : 200, path.at);
	return ROUTE_REFUSED;
}

static void
fill(const Route *route, const Parts *parts, Slice query, Arena *arena,
	 RestInvocation *call)
{
	Pairs pairs = pairs_split(arena, query);
	QueryPair *all =
		arena_take(arena, (route->fixed_count + route->segment_count + pairs.count + 1) *
							  sizeof *all);
	size_t count = 0;

	for (size_t i = 0; i < route->fixed_count; i++)
		all[count++] = route->fixed[i];
	for (size_t i = 0; i < route->segment_count; i++)
	{
		if (route->segments[i].variable)
			all[count++] = (QueryPair){route->segments[i].word, parts->words[i]};
	}
	for (size_t i = 0; i < pairs.count; i++)
	{
		size_t length = strlen(pairs.items[i].name);
		bool brackets = length > 2 && strcmp(pairs.items[i].name + length - 2, "[]") == 0;

		all[count++] =
			(QueryPair){brackets ? arena_copy(arena, pairs.items[i].name, length - 2)
								 : pairs.items[i].name,
						pairs.items[i].value};
	}
	*call =
		(RestInvocation){.said = arena_printf(arena, "%s %s", route->method, route->path),
						 .function = route->function,
						 .pairs = all,
						 .pair_count = count,
						 .body_argument = route->body,
						 .read_only = strcmp(route->method, "GET") == 0,
						 .status = route->status};
}

/* Whether the path is ours, and what of it the table knows. */
static bool
is_ours(const Routes *routes, Slice *path, bool *prefixed)
{
	size_t length = strlen(ROUTES_PREFIX);

	*prefixed = path->length >= length && memcmp(path->at, ROUTES_PREFIX, length) == 0 &&
				(path->length == length || path->at[length] == '/');
	if (routes == NULL || routes->count == 0)
		return false;
	if (*prefixed)
	{
		path->at += length;
		path->length -= length;
		return true;
	}
	return path->length > 5 && memcmp(path->at, "/rpc/", 5) != 0 &&
		   memchr(path->at + 1, '/', path->length - 2) != NULL;
}

RouteResult
routes_find(const Routes *routes, Slice method, Slice path, Slice query, Arena *arena,
			RestInvocation *call, const char **allow, RestError *error)
{
	Slice whole = path;
	Parts parts = {.count = 0};
	const Route *rows = NULL;
	size_t count = 0;
	bool prefixed;

	*error = (RestError){0};
	if (!is_ours(routes, &path, &prefixed))
		return ROUTE_NONE;
	if (split(arena, path, &parts))
		rows = rows_of(routes, &parts, &count);
	if (rows == NULL)
		return prefixed ? refuse_path(routes, &parts, method, whole, arena, error)
						: ROUTE_NONE;
	*allow = allowed(arena, rows, count);
	if (slice_is(method, "OPTIONS"))
		return ROUTE_OPTIONS;
	for (size_t i = 0; i < count; i++)
	{
		if (!answers(&rows[i], method))
			continue;
		fill(&rows[i], &parts, query, arena, call);
		call->head = slice_is(method, "HEAD");
		return ROUTE_CALL;
	}
	(void) rest_error(error, arena, "PGRST117", NULL,
					  arena_printf(arena, "It knows %s.", *allow),
					  "%s has no method %.*s", rows->path,
					  method.length < 40 ? (int) method.length : 40, method.at);
	error->fields = arena_printf(arena, "Allow: %s\r\n", *allow);
	return ROUTE_REFUSED;
}
