/*
 * rest/schema_stand.c
 *	  What views show of the tables below them: columns of their keys, by which they stand for
 *	  them in relationships, and have keys themselves.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "rest/schema_internal.h"

#define MOST_STANDINS 16 /* ways in which one view may show the columns of one key */

/* Whether the view's column is that column of the table, be it through other views. */
static bool
comes_from(const Build *build, const ViewColumn *column, const char *oid, int number,
		   int depth)
{
	if (column->table_number == number && strcmp(column->table, oid) == 0)
		return true;
	long below = depth > 0 ? build_find(build, column->table) : -1;

	if (below < 0)
		return false;
	const Source *source = &build->sources[below];

	for (size_t i = 0; i < source->view_count; i++)
	{
		if (source->view[i].number == column->table_number &&
			comes_from(build, &source->view[i], oid, number, depth - 1))
			return true;
	}
	return false;
}

/* Every way in which the view shows the columns from `place` on. */
static void
add_ways(const Build *build, size_t view, const char *oid, const int *numbers,
		 size_t count, size_t place, Standin *made, Standins *standins, size_t *ways)
{
	const Source *source = &build->sources[view];

	if (place == count)
	{
		standins->items = array_room(standins->items, &standins->capacity,
									 standins->count + 1, sizeof *made);
		standins->items[standins->count++] = *made;
		(*ways)++;
		return;
	}
	for (size_t i = 0; i < source->view_count && *ways < MOST_STANDINS; i++)
	{
		if (!comes_from(build, &source->view[i], oid, numbers[place], 8))
			continue;
		made->names[place] = build_column(build, view, source->view[i].number);
		if (made->names[place] != NULL)
			add_ways(build, view, oid, numbers, count, place + 1, made, standins, ways);
	}
}

bool
build_stand_ins(const Build *build, const char *oid, const int *numbers, size_t count,
				Standins *standins)
{
	long self = build_find(build, oid);
	Standin made = {0};

	if (self < 0)
		return false;
	made.relation = (size_t) self;
	for (size_t i = 0; i < count; i++)
	{
		made.names[i] = build_column(build, made.relation, numbers[i]);
		if (made.names[i] == NULL)
			return false;
	}
	standins->items = array_room(standins->items, &standins->capacity, 1, sizeof made);
	standins->items[standins->count++] = made;
	for (size_t i = 0; i < build->schema->relation_count; i++)
	{
		if (build->sources[i].view_count == 0 || !build->schema->relations[i].exposed)
			continue;
		made.relation = i;
		add_ways(build, i, oid, numbers, count, 0, &made, standins, &(size_t){0});
	}
	return true;
}

size_t
build_numbers(const cJSON *key, const char *name, int *numbers)
{
	const cJSON *item;
	size_t count = 0;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(key, name))
	{
		if (count < MOST_COLUMNS)
			numbers[count++] = item->valueint;
	}
	return count;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* A view of several tables has the keys of all of them. */
static void
add_to_key(Arena *arena, Relation *view, const char *const *names, size_t count)
{
	const char **key = arena_take(arena, (view->key_count + count) * sizeof *key);
	size_t used = 0;

	for (size_t i = 0; i < view->key_count; i++)
		key[used++] = view->key[i];
	for (size_t i = 0; i < count; i++)
		key[used++] = names[i];
	qsort(key, used, sizeof *key, by_text);
	view->key = key;
	view->key_count = 0;
	for (size_t i = 0; i < used; i++)
	{
		if (view->key_count == 0 || strcmp(key[view->key_count - 1], key[i]) != 0)
			key[view->key_count++] = key[i];
	}
}

void
build_view_keys(Build *build)
{
	Schema *schema = build->schema;

	for (size_t table = 0; table < schema->relation_count; table++)
	{
		const Source *source = &build->sources[table];
		int numbers[MOST_COLUMNS];
		size_t count = build_numbers(source->item, "key", numbers);

		if (count == 0 || schema->relations[table].view)
			continue;
		Standins standins = {0};

		(void) build_stand_ins(build, source->oid, numbers, count, &standins);
		for (size_t i = 0; i < standins.count; i++)
		{
			const Standin *standin = &standins.items[i];
			Relation *view = &schema->relations[standin->relation];

			if (view->view && standin->relation != standins.items[i - 1].relation)
				add_to_key(&schema->arena, view, standin->names, count);
		}
		free(standins.items);
	}
}
