/*
 * rest/tree.h
 *	  What the query of a URL says: first as it was written (RestQuery), then resolved against
 *	  the schema (Node).
 *
 * Names here are decoded and belong to the arena of the request; nothing in them is trusted:
 * they reach SQL as quoted identifiers or as parameters only.
 */
#ifndef LEAP_REST_TREE_H
#define LEAP_REST_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "rest/error.h"
#include "rest/request.h"
#include "rest/schema.h"

#define TREE_MOST_EMBEDS \
	8 /* embeds in embeds: where both sides are many, rows multiply */
#define TREE_MOST_DEPTH  16  /* conditions in conditions, words of a path */
#define TREE_MOST_ITEMS  512 /* selected columns, conditions, orders: together */
#define TREE_EMBED_ITEMS 8   /* so many of them an embedded relation counts for: a join */
#define TREE_MOST_COLUMNS \
	4096 /* of a select list, when "*" was replaced by what it stands for */

/* One step of a->b->>c. */
typedef struct JsonStep
{
	const char *key; /* or the digits of an index, "-1" */
	bool index;
	bool text; /* ->> */
} JsonStep;

/* A column, and the way into its JSON. */
typedef struct FieldPath
{
	const char *name;
	JsonStep *steps;
	size_t step_count;
} FieldPath;

typedef enum Aggregate
{
	AGGREGATE_NONE,
	AGGREGATE_SUM,
	AGGREGATE_AVG,
	AGGREGATE_COUNT,
	AGGREGATE_MAX,
	AGGREGATE_MIN
} Aggregate;

typedef struct SelectItem
{
	FieldPath field;   /* name "*" = all columns; NULL name: count() of rows */
	const char *alias; /* NULL = none */
	const char *cast;  /* NULL = none; a word, not yet known to be a type */
	Aggregate aggregate;
	const char *aggregate_cast;
} SelectItem;

typedef enum JoinKind
{
	JOIN_UNSAID, /* as left */
	JOIN_LEFT,
	JOIN_INNER
} JoinKind;

/* A row of the table of operators (operator.c). */
typedef struct Operator
{
	const char *word; /* "eq" */
	const char *sql;  /* "=" */
	enum
	{
		OPERATOR_SIMPLE,   /* field sql $n */
		OPERATOR_QUANTIFY, /* may have (any) and (all) */
		OPERATOR_LIKE,     /* the same, * in the value means % */
		OPERATOR_TEXT,     /* full text search: field @@ sql(language, $n) */
		OPERATOR_IS,       /* is.null, is.true, ... */
		OPERATOR_IN        /* = ANY of a list */
	} kind;
} Operator;

typedef enum Quantifier
{
	QUANTIFIER_NONE,
	QUANTIFIER_ANY,
	QUANTIFIER_ALL
} Quantifier;

/* A condition: of a field, or of other conditions. */
typedef struct Condition Condition;

struct Condition
{
	enum
	{
		CONDITION_FIELD,
		CONDITION_AND,
		CONDITION_OR
	} kind;
	bool negated;
	FieldPath field;
	const Operator *op;
	Quantifier quantifier;
	const char *language; /* of full text search, NULL = default */
	const char *value;    /* as the parameter is sent; of IS: the word in SQL */
	Condition *first;     /* of AND and OR */
	Condition *next;      /* in the list it is in */
};

typedef struct OrderTerm
{
	FieldPath field;
	const char *relation; /* order=clients(name): an embedded one; NULL = own column */
	enum
	{
		ORDER_UNSAID,
		ORDER_ASC,
		ORDER_DESC
	} direction;
	enum
	{
		NULLS_UNSAID,
		NULLS_FIRST,
		NULLS_LAST
	} nulls;
} OrderTerm;

typedef struct RowRange
{
	int64_t offset;
	int64_t limit; /* -1 = all */
} RowRange;

/*
 * A relation of a request: the root, or one embedded in another. Parsing fills the first
 * part, node_resolve() the second.
 */
typedef struct Node Node;

struct Node
{
	const char *name;  /* as written: a relation, a foreign key or a column */
	const char *alias; /* NULL = none */
	const char *hint;
	JoinKind join;
	bool spread;
	SelectItem *items;
	size_t item_count;
	bool unsaid;      /* the root of a request without select */
	Condition *where; /* a list, all of which must hold */
	OrderTerm *orders;
	size_t order_count;
	RowRange range;
	Node *first; /* embedded ones, in their order */
	Node *next;
	Node *parent;

	const Relation *relation;  /* NULL: a function's result that is no relation */
	const Link *link;          /* to the parent; NULL for the root */
	const char *from;          /* SQL of what it selects from, quoted; alias included */
	const char *sql_name;      /* how columns are qualified, not quoted: "clients_1" */
	const char *sql_schema;    /* the same of a root that is a table, else NULL */
	const char *join_name;     /* of the lateral join, not quoted */
	const char *junction_name; /* of a many-to-many link, else NULL */
	const char *key;           /* the name it has in the answer */
	bool paged;         /* a root whose page is cut before anything is joined to it */
	bool null_filtered; /* a condition of the parent asks whether there is one */
	size_t depth;
};

/* A pair of the query that is no filter by syntax: an argument of a function by GET. */
typedef struct QueryPair
{
	const char *name;
	const char *value;
} QueryPair;

typedef struct RestQuery
{
	Node *root;
	const char *canonical; /* of Content-Location, without "?", sorted; "" = none */
	const char **columns;  /* ?columns=, NULL = not said */
	size_t column_count;
	const char **on_conflict; /* ?on_conflict=, NULL = not said */
	size_t on_conflict_count;
	QueryPair *arguments; /* of calls by GET */
	size_t argument_count;
	bool has_range;   /* limit or offset of the root was said */
	const char *bare; /* the first parameter without "=", which says nothing; or NULL */
	bool has_filters; /* anything that would be a filter of the root */
} RestQuery;

/*
 * Parses the query (percent-encoded, without "?"). PGRST100 and its relatives on errors.
 * `arguments`: of a call by GET; pairs that are no filter of the result then become arguments
 * (those with a value that has no operator in front, and those which `function` names).
 */
bool query_parse(Arena *arena, Slice query, bool arguments, RestQuery *parsed,
				 RestError *error);

/*
 * Resolves embeds against relationships: PGRST200, PGRST201 (300), PGRST118, PGRST123, names
 * of joins. `from` is what the root selects from: NULL for the relation itself, or a name of
 * the statement's WITH list ("pgrst_source"). `name` is how its columns are qualified then:
 * the name of the relation or function. relation is NULL for a function's rows that are those
 * of no relation. config->max_rows limits every node.
 */
bool node_resolve(Arena *arena, const Schema *schema, Node *root,
				  const Relation *relation, const char *from, const char *name,
				  const RestConfig *config, RestError *error);

/* Whether a pair of that name is no filter of a relation, but says something of the answer: a
 * column that is called so cannot be asked for. */
bool query_reserved(const char *name);

/* The operator of that word, NULL = none. */
const Operator *operator_find(const char *word, size_t length);

#endif
