/*
 * rest/resolve.c
 *	  From the tree of a query to relations, and the names everything has in SQL.
 */
#include <string.h>

#include "base/cleanup.h"
#include "rest/resolve.h"
#include "rest/sql.h"

#define MOST_NAME 50 /* of 63 bytes that the server keeps: "_o512" is appended */

static bool
same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
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
	/* cut off by the server, two of them could be the same */
	if (strlen(node->join_name) > MOST_NAME || strlen(node->sql_name) > MOST_NAME)
	{
		node->join_name =
			arena_printf(resolve->arena, "pgrst_join_%zu", ++resolve->long_names);
		node->sql_name =
			arena_printf(resolve->arena, "pgrst_rows_%zu", resolve->long_names);
	}
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
		if (strlen(node->junction_name) > MOST_NAME)
			node->junction_name =
				arena_printf(resolve->arena, "pgrst_way_%zu", ++resolve->long_names);
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
static bool
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
			if (count == TREE_MOST_COLUMNS)
				return rest_error(resolve->error, resolve->arena, "PGRST100", NULL,
								  "Name the columns that are needed.",
								  "More than %d columns are selected from '%s'",
								  TREE_MOST_COLUMNS, node->relation->name);
			items = arena_room(resolve->arena, items, count, sizeof *items);
			items[count] = *item;
			if (star)
				items[count].field = (FieldPath){.name = node->relation->columns[c].name};
			count++;
		}
	}
	node->items = items;
	node->item_count = count;
	return true;
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
	return node->relation == NULL || !*expand || expand_star(resolve, node);
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
		if (!resolve_link(resolve, child))
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
	Resolve resolve = {arena, schema, config, error, 0};
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
