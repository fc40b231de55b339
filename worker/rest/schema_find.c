/*
 * rest/schema_find.c
 *	  The cache of schemas, asked by name.
 */
#include <stdlib.h>
#include <string.h>

#include "rest/schema_internal.h"

static int
compare_names(const char *space, const char *name, const char *space2, const char *name2)
{
	int spaces = strcmp(space, space2);

	return spaces != 0 ? spaces : strcmp(name, name2);
}

void
schema_free(Schema *schema)
{
	if (schema == NULL)
		return;
	Arena arena = schema->arena;

	arena_free(&arena);
	free(schema);
}

const Relation *
schema_relation(const Schema *schema, const char *space, const char *name)
{
	size_t low = 0, high = schema->relation_count;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;
		const Relation *relation = &schema->relations[middle];
		int order = compare_names(relation->schema, relation->name, space, name);

		if (order == 0)
			return relation->exposed ? relation : NULL;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const Column *
relation_column(const Relation *relation, const char *name)
{
	for (size_t i = 0; i < relation->column_count; i++)
	{
		if (strcmp(relation->columns[i].name, name) == 0)
			return &relation->columns[i];
	}
	return NULL;
}

const Link *
relation_links(const Schema *schema, const Relation *relation, size_t *count)
{
	*count = relation->link_count;
	return schema->links + relation->first_link;
}

const Function *
schema_functions(const Schema *schema, const char *space, const char *name, size_t *count)
{
	size_t low = 0, high = schema->function_count;

	*count = 0;
	while (low < high)
	{
		size_t middle = low + (high - low) / 2;
		const Function *function = &schema->functions[middle];

		if (compare_names(function->schema, function->name, space, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + *count < schema->function_count &&
		   compare_names(schema->functions[low + *count].schema,
						 schema->functions[low + *count].name, space, name) == 0)
		(*count)++;
	return *count > 0 ? &schema->functions[low] : NULL;
}

const Relation *
schema_relations(const Schema *schema, size_t *count)
{
	*count = schema->relation_count;
	return schema->relations;
}

const Function *
schema_all_functions(const Schema *schema, size_t *count)
{
	*count = schema->function_count;
	return schema->functions;
}

const Handler *
schema_handlers(const Schema *schema, size_t *count)
{
	*count = schema->handler_count;
	return schema->handlers;
}

const char *
schema_comment(const Schema *schema, const char *space)
{
	for (size_t i = 0; i < schema->comment_count; i++)
	{
		if (strcmp(schema->comments[i * 2], space) == 0)
			return schema->comments[i * 2 + 1];
	}
	return NULL;
}
