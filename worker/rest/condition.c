/*
 * rest/condition.c
 *	  Conditions, orders and limits in SQL.
 */
#include <string.h>

#include "rest/sql.h"

/* Whom columns belong to. */
typedef struct Scope
{
	SqlText *sql;
	const Node *node;
	const char *space;
	const char *name;
} Scope;

static const Column *
column_of(const Node *node, const FieldPath *field)
{
	return node->relation != NULL ? relation_column(node->relation, field->name) : NULL;
}

static bool
is_json(const Column *column)
{
	return column != NULL &&
		   (strcmp(column->type, "json") == 0 || strcmp(column->type, "jsonb") == 0);
}

void
sql_field(SqlText *sql, const Node *node, const char *space, const char *name,
		  const FieldPath *field)
{
	bool convert = field->step_count > 0 && !is_json(column_of(node, field));

	if (name == NULL)
	{
		space = node->sql_schema;
		name = node->sql_name;
	}
	sql_puts(sql, convert ? "to_jsonb(" : "");
	sql_names(sql, space, name);
	sql_puts(sql, ".");
	if (strcmp(field->name, "*") == 0)
		sql_puts(sql, "*");
	else
		sql_name(sql, field->name);
	sql_puts(sql, convert ? ")" : "");
	for (size_t i = 0; i < field->step_count; i++)
	{
		sql_puts(sql, field->steps[i].text ? "->>" : "->");
		sql_value(sql, field->steps[i].key);
		sql_puts(sql, field->steps[i].index ? "::int" : "");
	}
}

static void
put_field(const Scope *scope, const FieldPath *field)
{
	sql_field(scope->sql, scope->node, scope->space, scope->name, field);
}

static void
put_language(const Scope *scope, const Condition *condition)
{
	if (condition->language == NULL)
		return;
	sql_value(scope->sql, condition->language);
	sql_puts(scope->sql, ", ");
}

static void
put_text_search(const Scope *scope, const Condition *condition)
{
	const Column *column = column_of(scope->node, &condition->field);

	/* what the cache does not know may be a computed column of any type */
	if (column == NULL || strcmp(column->base_type, "tsvector") == 0)
		put_field(scope, &condition->field);
	else
	{
		sql_puts(scope->sql, "to_tsvector(");
		put_language(scope, condition);
		put_field(scope, &condition->field);
		sql_puts(scope->sql, ")");
	}
	sql_printf(scope->sql, " %s(", condition->op->sql);
	put_language(scope, condition);
	sql_value(scope->sql, condition->value);
	sql_puts(scope->sql, ")");
}

/* A condition that asks whether an embedded relation is there. */
static const Node *
embed_asked(const Scope *scope, const Condition *condition)
{
	if (condition->op->kind != OPERATOR_IS || strcmp(condition->value, "NULL") != 0 ||
		condition->field.step_count > 0)
		return NULL;
	for (const Node *child = scope->node->first; child != NULL; child = child->next)
	{
		if (strcmp(child->key, condition->field.name) == 0)
			return child;
	}
	return NULL;
}

static void
put_comparison(const Scope *scope, const Condition *condition)
{
	static const char *const quantifiers[] = {"", "ANY(", "ALL("};
	SqlText *sql = scope->sql;

	put_field(scope, &condition->field);
	sql_printf(sql, " %s ", condition->op->sql);
	if (condition->op->kind == OPERATOR_IS)
		sql_puts(sql, condition->value);
	else if (condition->op->kind == OPERATOR_IN)
	{
		sql_puts(sql, "(");
		sql_value(sql, condition->value);
		sql_puts(sql, ")");
	}
	else
	{
		sql_puts(sql, quantifiers[condition->quantifier]);
		sql_value(sql, condition->value);
		sql_puts(sql, condition->quantifier != QUANTIFIER_NONE ? ")" : "");
	}
}

/* counting: there is no join, the question is asked by a sub-select */
static void
put_embed_asked(const Scope *scope, const Condition *condition, const Node *child,
				bool counting)
{
	if (counting)
	{
		sql_puts(scope->sql, condition->negated ? "EXISTS (" : "NOT EXISTS (");
		sql_count(scope->sql, child);
		sql_puts(scope->sql, ")");
		return;
	}
	sql_name(scope->sql, child->join_name);
	sql_puts(scope->sql, condition->negated ? " IS DISTINCT FROM NULL"
											: " IS NOT DISTINCT FROM NULL");
}

static void put_list(const Scope *scope, const Condition *list, const char *between,
					 bool counting);

static void
put_condition(const Scope *scope, const Condition *condition, bool counting)
{
	const Node *child =
		condition->kind == CONDITION_FIELD ? embed_asked(scope, condition) : NULL;

	if (child != NULL)
	{
		put_embed_asked(scope, condition, child, counting);
		return;
	}
	sql_puts(scope->sql, condition->negated ? "NOT " : "");
	if (condition->kind != CONDITION_FIELD)
	{
		sql_puts(scope->sql, "(");
		put_list(scope, condition->first,
				 condition->kind == CONDITION_AND ? " AND " : " OR ", counting);
		sql_puts(scope->sql, ")");
	}
	else if (condition->op->kind == OPERATOR_TEXT)
		put_text_search(scope, condition);
	else
		put_comparison(scope, condition);
}

static void
put_list(const Scope *scope, const Condition *list, const char *between, bool counting)
{
	for (const Condition *condition = list; condition != NULL;
		 condition = condition->next)
	{
		put_condition(scope, condition, counting);
		if (condition->next != NULL)
			sql_puts(scope->sql, between);
	}
}

bool
sql_conditions(SqlText *sql, const Node *node, const char *space, const char *name)
{
	Scope scope = {sql, node, space, name};

	put_list(&scope, node->where, " AND ", false);
	return node->where != NULL;
}

/* " AND " after the first */
static void
more(SqlText *sql, bool *first)
{
	sql_puts(sql, *first ? " WHERE " : " AND ");
	*first = false;
}

static void
put_pairs(SqlText *sql, const ColumnPair *pairs, size_t count, const char *space,
		  const char *here, const char *there, bool *first)
{
	for (size_t i = 0; i < count; i++)
	{
		more(sql, first);
		sql_name(sql, there);
		sql_puts(sql, ".");
		sql_name(sql, pairs[i].there);
		sql_puts(sql, " = ");
		sql_names(sql, space, here);
		sql_puts(sql, ".");
		sql_name(sql, pairs[i].here);
	}
}

/* The rows of an embedded relation that belong to the row of its parent. */
static void
put_link(SqlText *sql, const Node *node, bool *first)
{
	const Link *link = node->link;
	const Node *parent = node->parent;

	if (link == NULL || link->kind == LINK_COMPUTED)
		return;
	const char *junction = node->junction_name;

	if (junction == NULL)
	{
		put_pairs(sql, link->pairs, link->pair_count, parent->sql_schema,
				  parent->sql_name, node->sql_name, first);
		return;
	}
	put_pairs(sql, link->pairs, link->pair_count, parent->sql_schema, parent->sql_name,
			  junction, first);
	put_pairs(sql, link->pairs2, link->pair2_count, NULL, junction, node->sql_name,
			  first);
}

void
sql_where(SqlText *sql, const Node *node)
{
	Scope scope = {sql, node, NULL, NULL};
	bool first = true;

	if (node->where != NULL)
	{
		more(sql, &first);
		put_list(&scope, node->where, " AND ", false);
	}
	put_link(sql, node, &first);
}

void
sql_count(SqlText *sql, const Node *node)
{
	Scope scope = {sql, node, NULL, NULL};
	bool first = true;

	/* asked at every level for all levels below: it ends when it is too much */
	if (sql->full)
		return;
	sql_puts(sql, "SELECT 1 FROM ");
	sql_puts(sql, node->from);
	if (node->where != NULL)
	{
		more(sql, &first);
		put_list(&scope, node->where, " AND ", true);
	}
	put_link(sql, node, &first);
	for (const Node *child = node->first; child != NULL; child = child->next)
	{
		if (child->join != JOIN_INNER)
			continue;
		more(sql, &first);
		sql_puts(sql, "EXISTS (");
		sql_count(sql, child);
		sql_puts(sql, ")");
	}
}

void
sql_order(SqlText *sql, const Node *node)
{
	static const char *const directions[] = {"", " ASC", " DESC"};
	static const char *const nulls[] = {"", " NULLS FIRST", " NULLS LAST"};

	for (size_t i = 0; i < node->order_count; i++)
	{
		const OrderTerm *term = &node->orders[i];

		sql_puts(sql, i == 0 ? " ORDER BY " : ", ");
		sql_field(sql, node, NULL, term->relation, &term->field);
		sql_puts(sql, directions[term->direction]);
		sql_puts(sql, nulls[term->nulls]);
	}
}

void
sql_range(SqlText *sql, const Node *node)
{
	if (node->range.offset == 0 && node->range.limit < 0)
		return;
	sql_puts(sql, " LIMIT ");
	if (node->range.limit < 0)
		sql_puts(sql, "ALL");
	else
		sql_value(sql, arena_printf(sql->arena, "%lld", (long long) node->range.limit));
	sql_puts(sql, " OFFSET ");
	sql_value(sql, arena_printf(sql->arena, "%lld", (long long) node->range.offset));
}
