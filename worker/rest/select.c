/*
 * rest/select.c
 *	  The SELECT of a relation and of those embedded in it.
 *
 * One that is embedded becomes a lateral join: a to-one link joins its row, which becomes a
 * JSON object; the others join one row with a JSON array. A spread one lends its columns to
 * the parent, as they are (to-one) or each as an array.
 */
#include <string.h>

#include "rest/sql.h"

static const char *const aggregate_names[] = {"", "sum", "avg", "count", "max", "min"};

static bool
is_to_one(const Node *node)
{
	const Link *link = node->link;

	return link->kind == LINK_TO_ONE || link->kind == LINK_ONE_TO_ONE ||
		   (link->kind == LINK_COMPUTED && link->single);
}

/* The name under which a selected column is known outside; NULL when SQL's own will do. */
static const char *
item_alias(const SelectItem *item)
{
	const FieldPath *field = &item->field;

	if (item->alias != NULL || item->aggregate != AGGREGATE_NONE)
		return item->alias;
	for (size_t i = field->step_count; i > 0; i--)
	{
		if (!field->steps[i - 1].index)
			return field->steps[i - 1].key;
	}
	return field->step_count > 0 ? field->name : NULL;
}

/* The end of a cast: letters, digits and blanks, see parse_identifier(). */
static void
put_cast(SqlText *sql, const char *type)
{
	if (type == NULL)
		return;
	sql_puts(sql, " AS ");
	sql_puts(sql, type);
	sql_puts(sql, " )");
}

static void
put_item(SqlText *sql, const Node *node, const SelectItem *item)
{
	const char *alias = item_alias(item);

	sql_puts(sql, item->aggregate_cast != NULL ? "CAST( " : "");
	if (item->aggregate != AGGREGATE_NONE)
		sql_printf(sql, "%s(", aggregate_names[item->aggregate]);
	sql_puts(sql, item->cast != NULL ? "CAST( " : "");
	if (item->field.name == NULL)
		sql_puts(sql, "*");
	else
		sql_field(sql, node, NULL, NULL, &item->field);
	put_cast(sql, item->cast);
	if (item->aggregate != AGGREGATE_NONE)
		sql_puts(sql, ")");
	put_cast(sql, item->aggregate_cast);
	if (alias != NULL)
	{
		sql_puts(sql, " AS ");
		sql_name(sql, alias);
	}
}

/* Whether it selects nothing at all: its key is left out of the answer. */
static bool
is_empty(const Node *node)
{
	if (node->item_count > 0)
		return false;
	for (const Node *child = node->first; child != NULL; child = child->next)
	{
		if (!is_empty(child))
			return false;
	}
	return true;
}

typedef void (*NameSink)(SqlText *sql, const Node *spread, const char *name, void *arg);

/* The names of the columns that a spread relation lends, those of spread ones in it too. */
static void
each_lent(SqlText *sql, const Node *spread, const Node *node, NameSink sink, void *arg)
{
	for (size_t i = 0; i < node->item_count; i++)
	{
		const char *alias = item_alias(&node->items[i]);

		sink(sql, spread, alias != NULL ? alias : node->items[i].field.name, arg);
	}
	for (const Node *child = node->first; child != NULL; child = child->next)
	{
		if (child->spread)
			each_lent(sql, spread, child, sink, arg);
		else if (!is_empty(child))
			sink(sql, spread, child->key, arg);
	}
}

static void
comma(SqlText *sql, bool *first)
{
	sql_puts(sql, *first ? "" : ", ");
	*first = false;
}

static void
put_lent(SqlText *sql, const Node *spread, const char *name, void *first)
{
	comma(sql, first);
	sql_name(sql, spread->join_name);
	sql_puts(sql, ".");
	if (strcmp(name, "*") == 0)
		sql_puts(sql, "*");
	else
		sql_name(sql, name);
}

static void
put_embedded(SqlText *sql, const Node *child, bool *first)
{
	if (child->spread)
	{
		each_lent(sql, child, child, put_lent, first);
		return;
	}
	if (is_empty(child))
		return;
	comma(sql, first);
	if (is_to_one(child))
	{
		sql_puts(sql, "row_to_json(");
		sql_name(sql, child->join_name);
		sql_puts(sql, ".*)::jsonb AS ");
	}
	else
	{
		sql_puts(sql, "COALESCE( ");
		sql_names(sql, child->join_name, child->join_name);
		sql_puts(sql, ", '[]') AS ");
	}
	sql_name(sql, child->key);
}

/* Columns by which a spread relation is ordered, selected under names of their own. */
static const char *
order_name(SqlText *sql, const Node *node, size_t i)
{
	return arena_printf(sql->arena, "%s_o%zu", node->join_name, i + 1);
}

static bool
aggregates_rows(const Node *node)
{
	return node->link != NULL && !is_to_one(node);
}

static void
put_list(SqlText *sql, const Node *node)
{
	bool first = true;

	for (size_t i = 0; i < node->item_count; i++)
	{
		comma(sql, &first);
		put_item(sql, node, &node->items[i]);
	}
	for (size_t i = 0; node->spread && aggregates_rows(node) && i < node->order_count;
		 i++)
	{
		comma(sql, &first);
		sql_field(sql, node, NULL, node->orders[i].relation, &node->orders[i].field);
		sql_puts(sql, " AS ");
		sql_name(sql, order_name(sql, node, i));
	}
	for (const Node *child = node->first; child != NULL; child = child->next)
		put_embedded(sql, child, &first);
	if (first)
	{
		sql_names(sql, node->sql_schema, node->sql_name);
		sql_puts(sql, ".*");
	}
}

/* The same order as sql_order(), of the columns above. */
static void
put_lent_order(SqlText *sql, const Node *spread)
{
	Node copy = *spread;

	copy.orders = arena_take(sql->arena, (spread->order_count + 1) * sizeof *copy.orders);
	for (size_t i = 0; i < spread->order_count; i++)
	{
		copy.orders[i] = spread->orders[i];
		copy.orders[i].field = (FieldPath){.name = order_name(sql, spread, i)};
		copy.orders[i].relation = spread->join_name;
	}
	sql_order(sql, &copy);
}

static void
put_lent_array(SqlText *sql, const Node *spread, const char *name, void *arg)
{
	(void) arg;
	sql_puts(sql, ", COALESCE(json_agg(");
	sql_names(sql, spread->join_name, name);
	put_lent_order(sql, spread);
	sql_puts(sql, "),'[]')::jsonb AS ");
	sql_name(sql, name);
}

static void
put_join(SqlText *sql, const Node *child)
{
	bool inner = child->join == JOIN_INNER;

	sql_puts(sql, inner ? " INNER JOIN LATERAL ( " : " LEFT JOIN LATERAL ( ");
	if (is_to_one(child))
		sql_select(sql, child);
	else
	{
		sql_puts(sql, "SELECT json_agg(");
		sql_name(sql, child->join_name);
		sql_puts(sql, ")::jsonb AS ");
		sql_name(sql, child->join_name);
		if (child->spread)
			each_lent(sql, child, child, put_lent_array, NULL);
		sql_puts(sql, " FROM (");
		sql_select(sql, child);
		sql_puts(sql, ") AS ");
		sql_name(sql, child->join_name);
	}
	sql_puts(sql, " ) AS ");
	sql_name(sql, child->join_name);
	sql_puts(sql, " ON ");
	if (inner && !is_to_one(child))
	{
		sql_name(sql, child->join_name);
		sql_puts(sql, " IS NOT NULL");
	}
	else
		sql_puts(sql, "TRUE");
}

/* By everything that is not aggregated: columns by their place, embedded ones too. */
static void
put_group(SqlText *sql, const Node *node)
{
	bool any = false, first = true;
	size_t place = 0;

	for (size_t i = 0; i < node->item_count; i++)
		any |= node->items[i].aggregate != AGGREGATE_NONE;
	if (!any)
		return;
	for (size_t i = 0; i < node->item_count; i++)
	{
		place++;
		if (node->items[i].aggregate != AGGREGATE_NONE)
			continue;
		sql_printf(sql, "%s%zu", first ? " GROUP BY " : ", ", place);
		first = false;
	}
	for (const Node *child = node->first; child != NULL; child = child->next)
	{
		if (is_empty(child))
			continue;
		place++;
		sql_printf(sql, "%s%zu", first ? " GROUP BY " : ", ", place);
		first = false;
	}
}

static bool
is_own_column(const Node *node, const FieldPath *field)
{
	return field->name != NULL && relation_column(node->relation, field->name) != NULL;
}

/* Nothing but columns of its own decides which rows there are, and in which order; and all that
 * is selected is of a column, which a subquery has, too. */
static bool
decides_alone(const Node *node)
{
	for (size_t i = 0; i < node->item_count; i++)
	{
		const SelectItem *item = &node->items[i];
		bool all = item->field.name != NULL && strcmp(item->field.name, "*") == 0;

		if (item->aggregate != AGGREGATE_NONE ||
			!(all || is_own_column(node, &item->field)))
			return false;
	}
	for (size_t i = 0; i < node->order_count; i++)
		if (node->orders[i].relation != NULL ||
			!is_own_column(node, &node->orders[i].field))
			return false;
	for (const Node *child = node->first; child != NULL; child = child->next)
		if (child->join == JOIN_INNER || child->null_filtered)
			return false;
	return true;
}

void
sql_page_first(Node *root)
{
	/* without an order there is nothing to sort, and the limit ends the joins */
	root->paged = root->first != NULL && root->range.limit >= 0 &&
				  root->order_count > 0 && decides_alone(root);
	if (root->paged)
		root->sql_schema = NULL; /* a subquery has a name, and no schema */
}

/* The page as a subquery of the relation's name: what is embedded is asked for its rows only,
 * not for all rows that there are before they are sorted. */
static void
put_page(SqlText *sql, const Node *node)
{
	sql_puts(sql, "(SELECT * FROM ");
	sql_puts(sql, node->from);
	sql_where(sql, node);
	sql_order(sql, node);
	sql_range(sql, node);
	sql_puts(sql, ") AS ");
	sql_name(sql, node->sql_name);
}

void
sql_select(SqlText *sql, const Node *node)
{
	sql_puts(sql, "SELECT ");
	put_list(sql, node);
	sql_puts(sql, " FROM ");
	if (node->paged)
	{
		put_page(sql, node);
		for (const Node *child = node->first; child != NULL; child = child->next)
			put_join(sql, child);
		sql_order(sql, node);
		return;
	}
	sql_puts(sql, node->from);
	for (const Node *child = node->first; child != NULL; child = child->next)
		put_join(sql, child);
	sql_where(sql, node);
	put_group(sql, node);
	/* rows of a spread relation are ordered where they are gathered, and where a limit is */
	if (!node->spread || !aggregates_rows(node) || node->range.limit >= 0 ||
		node->range.offset > 0)
		sql_order(sql, node);
	sql_range(sql, node);
}

/* Names once each. */
typedef struct NameSet
{
	const char **names;
	size_t count;
} NameSet;

static void
add_name(SqlText *sql, NameSet *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
	{
		if (strcmp(set->names[i], name) == 0)
			return;
	}
	set->names = arena_room(sql->arena, set->names, set->count, sizeof *set->names);
	set->names[set->count++] = name;
}

/* False: all of them are needed. */
static bool
needed_names(SqlText *sql, const Node *node, NameSet *set)
{
	if (node->item_count == 0 && node->first == NULL)
		return false;
	for (size_t i = 0; i < node->item_count; i++)
	{
		if (node->items[i].field.name == NULL ||
			strcmp(node->items[i].field.name, "*") == 0)
			return false;
		add_name(sql, set, node->items[i].field.name);
	}
	for (size_t i = 0; i < node->order_count; i++)
	{
		if (node->orders[i].relation == NULL)
			add_name(sql, set, node->orders[i].field.name);
	}
	for (const Node *child = node->first; child != NULL; child = child->next)
	{
		if (child->link->kind == LINK_COMPUTED)
			return false;
		for (size_t i = 0; i < child->link->pair_count; i++)
			add_name(sql, set, child->link->pairs[i].here);
	}
	for (size_t i = 0; node->relation != NULL && i < node->relation->key_count; i++)
		add_name(sql, set, node->relation->key[i]);
	return true;
}

void
sql_returning(SqlText *sql, const Node *node)
{
	const Relation *relation = node->relation;
	NameSet set = {0};
	bool all = !needed_names(sql, node, &set);

	for (size_t i = 0; i < (all ? 1 : set.count); i++)
	{
		sql_puts(sql, i > 0 ? ", " : "");
		if (relation != NULL)
		{
			sql_names(sql, relation->schema, relation->name);
			sql_puts(sql, ".");
		}
		if (all)
			sql_puts(sql, "*");
		else
			sql_name(sql, set.names[i]);
	}
}
