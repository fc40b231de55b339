/*
 * rest/schema.h
 *	  What the exposed schemas hold, as the planner needs it: relations, the relationships
 *	  between them, functions.
 *
 * It is built from one JSON document which schema_query() asks the database for, lives in one
 * arena, and is never changed: whoever reloads builds another one. It holds what is in the
 * catalogs whatever the privileges: the database itself decides who may do what.
 */
#ifndef LEAP_REST_SCHEMA_H
#define LEAP_REST_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct Schema Schema;
typedef struct Relation Relation;
typedef struct Function Function;

typedef struct Column
{
	const char *name;
	const char *type;      /* as SQL writes it: "integer", "character varying(20)" */
	const char *base_type; /* of a domain the type below it, else the same as type */
	const char *fallback;  /* expression of the default, NULL = none */
	const char *comment;   /* NULL = none */
	const char **values;   /* labels of an enum, else NULL */
	size_t value_count;
	int max_length; /* of character varying(n), else 0 */
	bool nullable;
} Column;

struct Relation
{
	const char *schema;
	const char *name;
	const char *comment;
	Column *columns; /* in the order of the table */
	size_t column_count;
	const char **key; /* names of the primary key's columns */
	size_t key_count;
	bool view;    /* no table, partitioned table or foreign table */
	bool exposed; /* its schema is one of those which requests may name */
	bool insertable;
	bool updatable;
	bool deletable;
	bool triggered;    /* INSERT is done by a trigger: there is no ON CONFLICT */
	size_t first_link; /* its relationships: links[first_link .. + link_count - 1] */
	size_t link_count;
};

typedef enum LinkKind
{
	LINK_TO_ONE,       /* this relation holds the foreign key */
	LINK_ONE_TO_ONE,   /* either side; the foreign key is unique */
	LINK_TO_MANY,      /* the other relation holds the foreign key */
	LINK_MANY_TO_MANY, /* through a junction */
	LINK_COMPUTED      /* a function of this relation that answers the other */
} LinkKind;

typedef struct ColumnPair
{
	const char *here;
	const char *there;
} ColumnPair;

/* A relationship, seen from relation `from`. */
typedef struct Link
{
	const Relation *from;
	const Relation *to;
	LinkKind kind;
	bool from_parent;       /* of LINK_ONE_TO_ONE: the foreign key is on the other side */
	const char *constraint; /* of the foreign key, or the name of the function */
	const ColumnPair *pairs; /* of many-to-many: columns of from and of the junction */
	size_t pair_count;
	const Relation *junction; /* of many-to-many, else NULL */
	const char *constraint2;
	const ColumnPair *pairs2; /* columns of the junction and of `to` */
	size_t pair2_count;
	const Function *function; /* of LINK_COMPUTED */
	bool single;              /* of LINK_COMPUTED: answers at most one row */
} Link;

typedef enum ResultKind
{
	RESULT_VOID,
	RESULT_SCALAR,
	RESULT_COMPOSITE /* rows of a relation, a type or of columns (OUT, TABLE) */
} ResultKind;

typedef struct Argument
{
	const char *name; /* "" = none */
	const char *type; /* for a cast: "integer", "character varying" without length */
	bool required;
	bool variadic;
} Argument;

/* A setting of a function ("SET statement_timeout = ..."), hoisted into the transaction. */
typedef struct Setting
{
	const char *name;
	const char *value;
} Setting;

struct Function
{
	const char *schema;
	const char *name;
	const char *comment;
	Argument *arguments; /* IN, INOUT and VARIADIC ones */
	size_t argument_count;
	ResultKind returns;
	const char *return_schema; /* of the returned type */
	const char *return_type;   /* its name: for composites that of the relation */
	bool return_set;
	bool return_alias;        /* columns of its own (OUT, TABLE), no relation */
	const Relation *relation; /* whose rows it answers, NULL = none */
	char volatility;          /* 'i', 's' or 'v' */
	bool variadic;            /* the last argument is */
	const char *media; /* type of what it answers, if a domain says so; else NULL */
	bool binary;       /* of media: it is bytea */
	bool of_row;       /* its only argument is a row and has no name: a computed
							   * column or relationship, which no request can call */
	const Setting *settings;
	size_t setting_count;
	const char *isolation; /* of SET transaction_isolation / default_..., else NULL */
	bool writes; /* by SET default_transaction_read_only = off: whatever the method */
};

/* An aggregate whose result is a domain named like a media type ("text/vtt", or any). */
typedef struct Handler
{
	const char *schema;
	const char *name;
	const Relation *relation; /* of whose rows; NULL: of any */
	const char *media;
	bool binary; /* it is bytea */
} Handler;

/*
 * The statement that answers the document as text in one row and column. Parameters: $1 the
 * exposed schemas as text[], $2 those of the extra search path, $3 the names of settings of
 * functions to hoist.
 */
const char *schema_query(void);

/* Builds the cache. NULL and *err when the document is not what schema_query() answers. */
Schema *schema_build(const char *json, size_t length, Error *err);
void schema_free(Schema *schema);

/* NULL = not there. */
const Relation *schema_relation(const Schema *schema, const char *space,
								const char *name);
const Column *relation_column(const Relation *relation, const char *name);

/* The relationships of a relation, *count of them, in a stable order. */
const Link *relation_links(const Schema *schema, const Relation *relation, size_t *count);

/* The functions of that name, *count overloads, NULL when there is none. */
const Function *schema_functions(const Schema *schema, const char *space,
								 const char *name, size_t *count);

/* All of them, for lists and suggestions; ordered by schema and name. */
const Relation *schema_relations(const Schema *schema, size_t *count);
const Function *schema_all_functions(const Schema *schema, size_t *count);

const Handler *schema_handlers(const Schema *schema, size_t *count);

/* The description (COMMENT ON SCHEMA), NULL = none. */
const char *schema_comment(const Schema *schema, const char *space);

#endif
