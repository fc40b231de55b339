/*
 * rest/query.c
 *	  The query of a URL: its pairs are sorted into kinds and parsed; filters, orders
 *	  and limits go to the relation they name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rest/pairs.h"
#include "rest/parse.h"

typedef struct Query
{
	Arena *arena;
	RestQuery *parsed;
	RestError *error;
	bool arguments;
	size_t items;
} Query;

static Parse
parse_of(Query *query, const char *what, const char *text, const char *shown)
{
	return (Parse){query->arena, query->error, what, shown, text, text, &query->items};
}

/* The embedded relation of that name: by alias, or by its own. */
static Node *
child_named(const Node *node, const char *name)
{
	for (Node *child = node->first; child != NULL; child = child->next)
	{
		if (strcmp(child->alias != NULL ? child->alias : child->name, name) == 0)
			return child;
	}
	for (Node *child = node->first; child != NULL; child = child->next)
	{
		if (strcmp(child->name, name) == 0)
			return child;
	}
	return NULL;
}

static Node *
node_at(Query *query, const char *const *path, size_t count)
{
	Node *node = query->parsed->root;

	for (size_t i = 0; i < count; i++)
	{
		Node *child = child_named(node, path[i]);

		if (child == NULL)
		{
			(void) rest_error(
				query->error, query->arena, "PGRST108", NULL,
				arena_printf(query->arena,
							 "Verify that '%s' is included in the 'select' query "
							 "parameter.",
							 path[i]),
				"'%s' is not an embedded resource in this request", path[i]);
			return NULL;
		}
		node = child;
	}
	return node;
}

static void
add_condition(Node *node, Condition *condition)
{
	Condition **last = &node->where;

	while (*last != NULL)
		last = &(*last)->next;
	*last = condition;
}

static bool
add_filter(Query *query, const QueryPair *pair)
{
	Parse key = parse_of(query, "tree path", pair->name, pair->name);
	Parse value = parse_of(query, "filter", pair->value, pair->value);
	Condition *condition = arena_take(query->arena, sizeof *condition);
	const char **path;
	size_t depth;

	if (!parse_count(&key, 0) || !parse_tree_path(&key, &path, &depth, &condition->field))
		return false;
	if (!parse_operation(&value, condition, false))
	{
		/* an argument: what has no operator in front */
		if (!query->arguments || condition->op != NULL)
			return false;
		query->parsed->arguments =
			arena_room(query->arena, query->parsed->arguments,
					   query->parsed->argument_count, sizeof *query->parsed->arguments);
		query->parsed->arguments[query->parsed->argument_count++] =
			(QueryPair){condition->field.name, pair->value};
		return true;
	}
	Node *node = node_at(query, path, depth);

	if (node == NULL)
		return false;
	add_condition(node, condition);
	query->parsed->has_filters |= depth == 0;
	return true;
}

/* not.and=(...), relation.or=(...): "not" may stand anywhere in the path. */
static bool
add_logic(Query *query, const QueryPair *pair)
{
	Parse key = parse_of(query, "logic path", pair->name, pair->name);
	FieldPath last = {0};
	const char **path;
	size_t depth, kept = 0;
	bool negated = false;
	Condition *condition;

	if (!parse_tree_path(&key, &path, &depth, &last))
		return false;
	for (size_t i = 0; i < depth; i++)
	{
		if (strcmp(path[i], "not") == 0)
			negated = true;
		else
			path[kept++] = path[i];
	}
	const char *text = arena_printf(query->arena, "%s%s%s", negated ? "not." : "",
									last.name, pair->value);
	Parse value = parse_of(query, "logic tree", text, pair->value);

	if (!parse_logic(&value, &condition, 0))
		return false;
	Node *node = node_at(query, path, kept);

	if (node == NULL)
		return false;
	add_condition(node, condition);
	query->parsed->has_filters |= kept == 0;
	return true;
}

static bool
add_order(Query *query, const QueryPair *pair)
{
	Parse key = parse_of(query, "tree path", pair->name, pair->name);
	Parse value = parse_of(query, "order", pair->value, pair->value);
	FieldPath last = {0};
	OrderTerm *terms;
	const char **path;
	size_t depth, count;

	if (!parse_tree_path(&key, &path, &depth, &last) ||
		!parse_order(&value, &terms, &count))
		return false;
	Node *node = node_at(query, path, depth);

	if (node == NULL)
		return false;
	node->orders = terms;
	node->order_count = count;
	return true;
}

static bool
add_range(Query *query, const QueryPair *pair)
{
	Parse key = parse_of(query, "tree path", pair->name, pair->name);
	Parse value = parse_of(query, pair->name, pair->value, pair->value);
	FieldPath last = {0};
	const char **path;
	size_t depth;
	char *end;

	if (!parse_tree_path(&key, &path, &depth, &last))
		return false;
	query->parsed->has_range |= depth == 0;
	/* a field of a form that was left empty */
	if (*pair->value == '\0')
		return true;
	errno = 0;
	long long number = strtoll(pair->value, &end, 10);

	value.at = errno != 0 ? pair->value : end;
	if (errno != 0 || end == pair->value || *end != '\0')
		return parse_fail(&value, '"', "a whole number");
	Node *node = node_at(query, path, depth);

	if (node == NULL)
		return false;
	if (strcmp(last.name, "offset") == 0)
		node->range.offset = number > 0 ? number : 0;
	else if (number >= 0)
		node->range.limit = number;
	else
		return rest_error(query->error, query->arena, "PGRST103",
						  "Limit should be greater than or equal to zero.", NULL,
						  "Requested range not satisfiable");
	return true;
}

static bool
add_columns(Query *query, const QueryPair *pair)
{
	Parse p = parse_of(query, "columns parameter", pair->value, pair->value);

	return parse_columns(&p, &query->parsed->columns, &query->parsed->column_count);
}

static bool
add_conflict(Query *query, const QueryPair *pair)
{
	Parse p = parse_of(query, "on_conflict parameter", pair->value, pair->value);

	return parse_columns(&p, &query->parsed->on_conflict,
						 &query->parsed->on_conflict_count);
}

/* What a name means: the last word of a path, or the name as a whole. Kept in the order in
 * which they are looked at; select is parsed before all of them. */
static const struct
{
	const char *word;
	bool embeddable;
	bool (*add)(Query *query, const QueryPair *pair);
} kinds[] = {
	{"order",       true,  add_order   },
	{"and",         true,  add_logic   },
	{"or",          true,  add_logic   },
	{"limit",       true,  add_range   },
	{"offset",      true,  add_range   },
	{"columns",     false, add_columns },
	{"on_conflict", false, add_conflict},
};

bool
query_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
	{
		if (strcmp(kinds[i].word, name) == 0)
			return true;
	}
	return strcmp(name, "select") == 0;
}

static bool
add_pair(Query *query, const QueryPair *pair)
{
	const char *dot = strrchr(pair->name, '.');
	const char *last = dot != NULL ? dot + 1 : pair->name;

	if (pair->value == NULL || strcmp(pair->name, "select") == 0)
		return true;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
	{
		if (strcmp(kinds[i].embeddable ? last : pair->name, kinds[i].word) == 0)
			return kinds[i].add(query, pair);
	}
	return add_filter(query, pair);
}

static bool
add_select(Query *query, Pairs pairs)
{
	Node *root = query->parsed->root;

	for (size_t i = 0; i < pairs.count; i++)
	{
		if (strcmp(pairs.items[i].name, "select") != 0 || pairs.items[i].value == NULL)
			continue;
		Parse p = parse_of(query, "select parameter", pairs.items[i].value,
						   pairs.items[i].value);

		return parse_select(&p, root);
	}
	root->items = arena_take(query->arena, sizeof *root->items);
	root->items[0].field.name = "*";
	root->item_count = 1;
	root->unsaid = true;
	return true;
}

bool
query_parse(Arena *arena, Slice text, bool arguments, RestQuery *parsed, RestError *error)
{
	Query query = {arena, parsed, error, arguments, 0};
	Pairs pairs = pairs_split(arena, text);

	*parsed = (RestQuery){.root = arena_take(arena, sizeof(Node))};
	parsed->root->range.limit = -1;
	parsed->canonical = pairs_canonical(arena, pairs);
	if (!add_select(&query, pairs))
		return false;
	for (size_t i = 0; i < pairs.count; i++)
	{
		if (pairs.items[i].value == NULL && parsed->bare == NULL)
			parsed->bare = pairs.items[i].name;
		if (!add_pair(&query, &pairs.items[i]))
			return false;
	}
	return true;
}
