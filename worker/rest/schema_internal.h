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

/* Fills links of the schema, and the keys of views. */
void build_links(Build *build);

#endif
