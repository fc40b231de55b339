/*
 * rest/schema_internal.h
 *	  What the files that build the cache share.
 */
#ifndef LEAP_REST_SCHEMA_INTERNAL_H
#define LEAP_REST_SCHEMA_INTERNAL_H

#include <cjson/cJSON.h>

#include "rest/schema.h"

/* A column of a view, and the column of the table or view it comes from. */
typedef struct ViewColumn
{
	int number;
	const char *table; /* oid as text */
	int table_number;
} ViewColumn;

/* What is known of a relation while the cache is built, in the order of Schema.relations. */
typedef struct Source
{
	const char *oid;
	const cJSON *item;
	int *numbers; /* of the columns, in their order */
	ViewColumn *view;
	size_t view_count;
} Source;

struct Schema
{
	Arena arena;
	Relation *relations; /* by schema and name */
	size_t relation_count;
	Function *functions; /* by schema and name */
	size_t function_count;
	Handler *handlers;
	size_t handler_count;
	Link *links; /* by relation, then in the order in which they are told */
	size_t link_count;
	const char *const *comments; /* pairs of schema and comment */
	size_t comment_count;
};

typedef struct Build
{
	Schema *schema;
	Source *sources;
	const cJSON *document;
	size_t *by_oid; /* indexes of relations, ordered by oid */
} Build;

/* The index of the relation with that oid, or -1. */
long build_find(const Build *build, const char *oid);

/* The name of a column by its number, NULL = none. */
const char *build_column(const Build *build, size_t relation, int number);

/* Reads the columns of a view's definition (pg_rewrite.ev_action) that are plain columns of
 * something; false when the text is not understood. */
bool view_columns(Arena *arena, const char *tree, ViewColumn **columns, size_t *count);

#define MOST_COLUMNS 32 /* of a key: the server's own limit */

/* A relation that shows the columns of one side of a key, under these names. */
typedef struct Standin
{
	size_t relation;
	const char *names[MOST_COLUMNS];
} Standin;

typedef struct Standins
{
	Standin *items;
	size_t count;
	size_t capacity;
} Standins;

/* The relation itself, then the views that show these columns of it. */
bool build_stand_ins(const Build *build, const char *oid, const int *numbers,
					 size_t count, Standins *standins);

/* The numbers of columns that the member of that name lists, MOST_COLUMNS at most. */
size_t build_numbers(const cJSON *key, const char *name, int *numbers);

/* Views have the key of a table below when they show all of it: each column once. */
void build_view_keys(Build *build);

/* Fills links of the schema, and the keys of views. */
void build_links(Build *build);

#endif
