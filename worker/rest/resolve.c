/*
 * rest/resolve.c
 *	  From the tree of a query to relations: which relationship an embedded name means, and
 *	  the names everything has in SQL.
 */
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "rest/sql.h"
#include "rest/tree.h"

typedef struct Resolve
{
	Arena *arena;
	const Schema *schema;
	const RestConfig *config;
	RestError *error;
} Resolve;

static bool
same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* The single column on one side of a link is this one. */
static bool
column_is(const Link *link, const char *name, bool there)
{
	return link->junction == NULL && link->pair_count == 1 &&
		   same(there ? link->pairs[0].there : link->pairs[0].here, name);
}

/* A relation with a link to itself: the name of the relation means the many, that of the
 * column the one. */
static bool
means_self(const Link *link, const char *target, const char *hint)
{
	if (hint == NULL)
		return (link->kind == LINK_TO_MANY && same(target, link->to->name)) ||
			   (link->kind == LINK_TO_ONE && column_is(link, target, false));
	return link->kind == LINK_TO_MANY && same(target, link->to->name) &&
		   column_is(link, hint, true);
}

/* Whether `target!hint` means this link. */
static bool
means(const Link *link, const char *target, const char *hint)
{
	bool key = link->junction == NULL;

	if (link->kind == LINK_COMPUTED)
		return same(target, link->constraint);
	if (link->from == link->to)
		return means_self(link, target, hint);
	if (hint == NULL)
		return same(target, link->to->name) ||
			   (key && !link->to->view &&
				(same(target, link->constraint) || column_is(link, target, false)));
	return same(target, link->to->name) &&
		   (key ? same(hint, link->constraint) || column_is(link, hint, false) ||
					  column_is(link, hint, true)
				: same(hint, link->junction->name));
}

static void
append_columns(Buffer *out, const ColumnPair *pairs, size_t count, bool there)
{
	buffer_puts(out, "(");
	for (size_t i = 0; i < count; i++)
		buffer_printf(out, "%s%s", i > 0 ? ", " : "",
					  there ? pairs[i].there : pairs[i].here);
	buffer_puts(out, ")");
}

static void
append_json_text(Buffer *out, const char *text)
{
	buffer_puts(out, "\"");
	for (; *text != '\0'; text++)
	{
		if (*text == '"' || *text == '\\')
			buffer_puts(out, "\\");
		if ((unsigned char) *text < 0x20)
			buffer_printf(out, "\\u%04x", *text);
		else
			buffer_append(out, text, 1);
	}
	buffer_puts(out, "\"");
}

static void
describe(Buffer *out, const Link *link, Buffer *way)
{
	static const char *const kinds[] = {"many-to-one", "one-to-one", "one-to-many",
										"many-to-many", "computed"};

	if (link->junction != NULL)
	{
		buffer_printf(way, "%s using %s", link->junction->name, link->constraint);
		append_columns(way, link->pairs, link->pair_count, true);
		buffer_printf(way, " and %s", link->constraint2);
		append_columns(way, link->pairs2, link->pair2_count, false);
	}
	else
	{
		buffer_printf(way, "%s using %s", link->constraint, link->from->name);
		append_columns(way, link->pairs, link->pair_count, false);
		buffer_printf(way, " and %s", link->to->name);
		append_columns(way, link->pairs, link->pair_count, true);
	}
	buffer_printf(out, "{\"cardinality\":\"%s\",\"embedding\":", kinds[link->kind]);
	CLEANUP(buffer) Buffer both;

	buffer_init(&both);
	buffer_printf(&both, "%s with %s", link->from->name, link->to->name);
	append_json_text(out, both.data);
	buffer_puts(out, ",\"relationship\":");
	append_json_text(out, way->data);
	buffer_puts(out, "}");
}

/* PGRST201: which one? */
static bool
ambiguous(Resolve *resolve, const Node *node, const Link *const *found, size_t count)
{
	CLEANUP(buffer) Buffer details;
	CLEANUP(buffer) Buffer hint;

	buffer_init(&details);
	buffer_init(&hint);
	for (size_t i = 0; i < count; i++)
	{
		CLEANUP(buffer) Buffer way;

		buffer_init(&way);
		buffer_puts(&details, i == 0 ? "[" : ",");
		describe(&details, found[i], &way);
		buffer_printf(&hint, "%s'%s!%s'", i == 0 ? "" : ", ", node->name,
					  found[i]->junction != NULL ? found[i]->junction->name
												 : found[i]->constraint);
	}
	buffer_puts(&details, "]");
	(void) rest_error(
		resolve->error, resolve->arena, "PGRST201",
		arena_copy(resolve->arena, details.data, details.length),
		arena_printf(resolve->arena,
					 "Try changing '%s' to one of the following: %s. Find the desired "
					 "relationship in the 'details' key.",
					 node->name, hint.data),
		"Could not embed because more than one relationship was found for '%s' and '%s'",
		node->parent->relation->name, node->name);
	resolve->error->details_json = true;
	return false;
}

/* PGRST200: there is none. */
static bool
unrelated(Resolve *resolve, const Node *node, const char *parent, const Link *links,
		  size_t count)
{
	const char **names = arena_take(resolve->arena, (count + 1) * sizeof *names);
	const char *space = node->parent->relation != NULL ? node->parent->relation->schema
													   : resolve->config->schemas[0];
	const char *nearest, *hint = NULL;

	for (size_t i = 0; i < count; i++)
		names[i] = links[i].to->name;
	nearest = rest_nearest(node->name, names, count);
	if (nearest != NULL && !same(nearest, node->name))
		hint = arena_printf(resolve->arena, "Perhaps you meant '%s' instead of '%s'.",
							nearest, node->name);
	return rest_error(
		resolve->error, resolve->arena, "PGRST200",
		arena_printf(
			resolve->arena,
			"Searched for a foreign key relationship between '%s' and '%s'%s%s%s "
			"in the schema '%s', but no matches were found.",
			parent, node->name, node->hint != NULL ? " using the hint '" : "",
			node->hint != NULL ? node->hint : "", node->hint != NULL ? "'" : "", space),
		hint, "Could not find a relationship between '%s' and '%s' in the schema cache",
		parent, node->name);
}

static bool
find_link(Resolve *resolve, Node *node)
{
	const Relation *parent = node->parent->relation;
	size_t count = 0, found_count = 0;
	const Link *links =
		parent != NULL ? relation_links(resolve->schema, parent, &count) : NULL;
	const Link **found = arena_take(resolve->arena, (count + 1) * sizeof(const Link *));

	for (size_t i = 0; i < count; i++)
	{
		if (!means(&links[i], node->name, node->hint))
			continue;
		found[found_count++] = &links[i];
		/* a function is written on purpose: it goes before what keys say */
		if (links[i].kind == LINK_COMPUTED)
		{
			found[0] = &links[i];
			found_count = 1;
			break;
		}
	}
	if (found_count == 0)
		return unrelated(resolve, node,
						 parent != NULL ? parent->name : node->parent->sql_name, links,
						 count);
	if (found_count > 1)
		return ambiguous(resolve, node, found, found_count);
	node->link = found[0];
	node->relation = found[0]->to;
	return true;
}

/* What an embedded relation selects from, and how its columns are qualified. */
static void
name_embedded(Resolve *resolve, Node *node)
{
	CLEANUP(sql) SqlText sql;
	const Link *link = node->link;

	sql_init(&sql, resolve->arena);
	node->key = node->alias != NULL ? node->alias : node->name;
	node->sql_name =
		arena_printf(resolve->arena, "%s_%zu", node->relation->name, node->depth);
	node->join_name = arena_printf(resolve->arena, "%s_%s_%zu", link->from->name,
								   node->key, node->depth);
	if (link->kind == LINK_COMPUTED)
	{
		sql_names(&sql, link->function->schema, link->function->name);
		sql_puts(&sql, "(");
		sql_name(&sql, node->parent->sql_name);
		sql_puts(&sql, "::");
		sql_names(&sql, link->from->schema, link->from->name);
		sql_puts(&sql, ")");
	}
	else
		sql_names(&sql, node->relation->schema, node->relation->name);
	sql_puts(&sql, " AS ");
	sql_name(&sql, node->sql_name);
	if (link->junction != NULL)
	{
		node->junction_name =
			arena_printf(resolve->arena, "%s_%zu_way", link->junction->name, node->depth);
		sql_puts(&sql, ", ");
		sql_names(&sql, link->junction->schema, link->junction->name);
		sql_puts(&sql, " AS ");
		sql_name(&sql, node->junction_name);
	}
	node->from = arena_copy(resolve->arena, sql.text.data, sql.text.length);
}

static bool
to_one(const Link *link)
{
	return link->kind == LINK_TO_ONE || link->kind == LINK_ONE_TO_ONE ||
		   (link->kind == LINK_COMPUTED && link->single);
}

/* order=clients(name): the relation must be embedded, and be one. */
static bool
resolve_orders(Resolve *resolve, Node *node)
{
	for (size_t i = 0; i < node->order_count; i++)
	{
		OrderTerm *term = &node->orders[i];
		const Node *child = node->first;

		if (term->relation == NULL)
			continue;
		while (child != NULL && !same(child->key, term->relation))
			child = child->next;
		if (child == NULL)
			return rest_error(resolve->error, resolve->arena, "PGRST108", NULL,
							  arena_printf(resolve->arena,
										   "Verify that '%s' is included in the 'select' "
										   "query parameter.",
										   term->relation),
							  "'%s' is not an embedded resource in this request",
							  term->relation);
		if (!to_one(child->link))
			return rest_error(
				resolve->error, resolve->arena, "PGRST118",
				arena_printf(resolve->arena,
							 "'%s' and '%s' do not form a many-to-one or one-to-one "
							 "relationship",
							 node->relation != NULL ? node->relation->name
													: node->sql_name,
							 term->relation),
				NULL, "A related order on '%s' is not possible", term->relation);
		term->relation = child->join_name;
	}
	return true;
}

/* "*" becomes the columns it stands for. */
static void
expand_star(Resolve *resolve, Node *node)
{
	SelectItem *items = NULL;
	size_t count = 0;

	for (size_t i = 0; i < node->item_count; i++)
	{
		const SelectItem *item = &node->items[i];
		bool star = item->field.name != NULL && same(item->field.name, "*") &&
					item->aggregate == AGGREGATE_NONE;

		for (size_t c = 0; c < (star ? node->relation->column_count : 1); c++)
		{
			items = arena_room(resolve->arena, items, count, sizeof *items);
			items[count] = *item;
			if (star)
				items[count].field = (FieldPath){.name = node->relation->columns[c].name};
			count++;
		}
	}
	node->items = items;
	node->item_count = count;
}

static bool
resolve_aggregates(Resolve *resolve, Node *node, bool *expand)
{
	bool any = false;

	for (size_t i = 0; i < node->item_count; i++)
		any |= node->items[i].aggregate != AGGREGATE_NONE;
	if (any && !resolve->config->aggregates)
		return rest_error(resolve->error, resolve->arena, "PGRST123", NULL, NULL,
						  "Use of aggregate functions is not allowed");
	if (any && node->spread)
		return rest_error(resolve->error, resolve->arena, "PGRST127",
						  "Aggregates are not implemented for spread relationships.",
						  NULL, "Feature not implemented");
	/* so do spread ones in what is expanded: their columns are named there */
	*expand =
		any || (node->spread && (*expand || (node->link != NULL && !to_one(node->link))));
	if (node->relation != NULL && *expand)
		expand_star(resolve, node);
	return true;
}

static void
limit_rows(Resolve *resolve, Node *node)
{
	int64_t most = resolve->config->max_rows;

	if (most > 0 && (node->range.limit < 0 || node->range.limit > most))
		node->range.limit = most;
}

static bool
resolve_node(Resolve *resolve, Node *node, bool expand)
{
	limit_rows(resolve, node);
	if (!resolve_aggregates(resolve, node, &expand))
		return false;
	for (Node *child = node->first; child != NULL; child = child->next)
	{
		if (!find_link(resolve, child))
			return false;
		name_embedded(resolve, child);
		if (!resolve_node(resolve, child, expand))
			return false;
	}
	return resolve_orders(resolve, node);
}

bool
node_resolve(Arena *arena, const Schema *schema, Node *root, const Relation *relation,
			 const char *from, const char *name, const RestConfig *config,
			 RestError *error)
{
	Resolve resolve = {arena, schema, config, error};
	CLEANUP(sql) SqlText sql;

	sql_init(&sql, arena);
	root->relation = relation;
	root->sql_name = name;
	root->key = name;
	if (from != NULL)
	{
		sql_name(&sql, from);
		sql_puts(&sql, " AS ");
		sql_name(&sql, name);
	}
	else
	{
		root->sql_schema = relation->schema;
		sql_names(&sql, relation->schema, relation->name);
	}
	root->from = arena_copy(arena, sql.text.data, sql.text.length);
	return resolve_node(&resolve, root, false);
}
