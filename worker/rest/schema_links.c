/*
 * rest/schema_links.c
 *	  Relationships: foreign keys, seen from both sides, from views that show their columns,
 *	  and through junctions.
 *
 * 1. Each foreign key is a link from its relation to the one it references.
 * 2. A view that shows all columns of a key stands for the relation below, on either side.
 * 3. Two links of one relation whose columns are part of its primary key make it a junction.
 * 4. Each link of 1 and 2 has its reverse.
 * Kept are those between relations of one exposed schema, through junctions of any exposed one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "rest/schema_internal.h"

/* Links that are being collected, malloc'ed; pairs are of the arena. */
typedef struct Links
{
	Link *items;
	size_t count;
	size_t capacity;
} Links;

static void
add_link(Links *links, Link link)
{
	links->items =
		array_room(links->items, &links->capacity, links->count + 1, sizeof link);
	links->items[links->count++] = link;
}

/* All links of one foreign key: each that stands for one side with each for the other. */
static void
add_key(Build *build, const cJSON *key, Links *links)
{
	Schema *schema = build->schema;
	int here[MOST_COLUMNS], there[MOST_COLUMNS];
	size_t count = build_numbers(key, "here", here);
	Standins from = {0}, to = {0};
	const char *name = arena_text(&schema->arena, json_text(key, "name", ""));
	bool single = json_bool(key, "single", false);

	if (build_numbers(key, "there", there) != count ||
		!build_stand_ins(build, json_text(key, "from", ""), here, count, &from) ||
		!build_stand_ins(build, json_text(key, "to", ""), there, count, &to))
		count = 0;
	for (size_t i = 0; i < from.count * to.count && count > 0; i++)
	{
		const Standin *one = &from.items[i / to.count], *other = &to.items[i % to.count];
		ColumnPair *pairs = arena_take(&schema->arena, count * sizeof *pairs);

		for (size_t c = 0; c < count; c++)
			pairs[c] = (ColumnPair){one->names[c], other->names[c]};
		add_link(links, (Link){.from = &schema->relations[one->relation],
							   .to = &schema->relations[other->relation],
							   .kind = single ? LINK_ONE_TO_ONE : LINK_TO_ONE,
							   .constraint = name,
							   .pairs = pairs,
							   .pair_count = count});
	}
	free(from.items);
	free(to.items);
}

static bool
in_key(const Relation *relation, const ColumnPair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		bool found = false;

		for (size_t k = 0; k < relation->key_count && !found; k++)
			found = strcmp(relation->key[k], pairs[i].here) == 0;
		if (!found)
			return false;
	}
	return true;
}

static ColumnPair *
swapped(Arena *arena, const ColumnPair *pairs, size_t count)
{
	ColumnPair *copy = arena_take(arena, (count + 1) * sizeof *copy);

	for (size_t i = 0; i < count; i++)
		copy[i] = (ColumnPair){pairs[i].there, pairs[i].here};
	return copy;
}

/* Both relations may be named in one request. */
static bool
kept(const Relation *from, const Relation *to)
{
	return from->exposed && to->exposed && strcmp(from->schema, to->schema) == 0;
}

static int
by_origin(const void *a, const void *b)
{
	const Link *one = a, *two = b;

	return one->from < two->from ? -1 : one->from > two->from;
}

/* `links` are ordered by origin. */
static void
add_junctions(Arena *arena, const Links *links, Links *made)
{
	for (size_t i = 0; i < links->count; i++)
	{
		const Link *one = &links->items[i];
		size_t j = i;

		if (one->kind != LINK_TO_ONE || !one->from->exposed ||
			!in_key(one->from, one->pairs, one->pair_count))
			continue;
		while (j > 0 && links->items[j - 1].from == one->from)
			j--;
		for (; j < links->count && links->items[j].from == one->from; j++)
		{
			const Link *other = &links->items[j];

			if (other->kind != LINK_TO_ONE ||
				strcmp(one->constraint, other->constraint) == 0 ||
				!kept(one->to, other->to) ||
				!in_key(other->from, other->pairs, other->pair_count))
				continue;
			add_link(made, (Link){.from = one->to,
								  .to = other->to,
								  .kind = LINK_MANY_TO_MANY,
								  .constraint = one->constraint,
								  .pairs = swapped(arena, one->pairs, one->pair_count),
								  .pair_count = one->pair_count,
								  .junction = one->from,
								  .constraint2 = other->constraint,
								  .pairs2 = other->pairs,
								  .pair2_count = other->pair_count});
		}
	}
}

static void
add_both_ways(Arena *arena, const Links *links, Links *made)
{
	for (size_t i = 0; i < links->count; i++)
	{
		Link link = links->items[i];

		if (!kept(link.from, link.to))
			continue;
		add_link(made, link);
		link.from = links->items[i].to;
		link.to = links->items[i].from;
		if (link.kind == LINK_TO_ONE)
			link.kind = LINK_TO_MANY;
		else
			link.from_parent = true;
		link.pairs = swapped(arena, link.pairs, link.pair_count);
		add_link(made, link);
	}
}

/* Functions of one row of a relation that answer rows of another. */
static void
add_computed(Build *build, Links *made)
{
	const cJSON *functions =
		cJSON_GetObjectItemCaseSensitive(build->document, "functions");
	Schema *schema = build->schema;
	const cJSON *item;

	cJSON_ArrayForEach(item, functions)
	{
		long from = build_find(build, json_text(item, "of", ""));
		long to = build_find(build, json_text(item, "return_oid", ""));

		if (from < 0 || to < 0 || !schema->relations[from].exposed)
			continue;
		Link link = {.from = &schema->relations[from],
					 .to = &schema->relations[to],
					 .kind = LINK_COMPUTED};
		size_t count;
		const Function *function = schema_functions(schema, json_text(item, "schema", ""),
													json_text(item, "name", ""), &count);

		for (size_t i = 0; i < count; i++)
		{
			if (function[i].argument_count == 1 && function[i].relation == link.to)
				link.function = &function[i];
		}
		if (link.function == NULL)
			continue;
		link.constraint = link.function->name;
		/* of this overload: the name is called with the row's type, whichever was found */
		link.single =
			!json_bool(item, "return_set", false) || json_number(item, "rows", 0) == 1;
		add_link(made, link);
	}
}

/* The order in which ambiguous ones are told. */
static int
by_telling(const void *a, const void *b)
{
	static const int ranks[] = {1, 2, 0, 3, 4};
	const Link *one = a, *two = b;
	int order = by_origin(a, b);

	if (order == 0)
		order = strcmp(one->to->name, two->to->name);
	if (order == 0)
		order = ranks[one->kind] - ranks[two->kind];
	if (order == 0 && one->junction != NULL)
		order = strcmp(one->junction->name, two->junction->name);
	if (order == 0)
		order = strcmp(one->constraint, two->constraint);
	if (order == 0 && one->constraint2 != NULL)
		order = strcmp(one->constraint2, two->constraint2);
	for (size_t i = 0; order == 0 && i < one->pair_count && i < two->pair_count; i++)
	{
		order = strcmp(one->pairs[i].here, two->pairs[i].here);
		if (order == 0)
			order = strcmp(one->pairs[i].there, two->pairs[i].there);
	}
	return order;
}

void
build_links(Build *build)
{
	Schema *schema = build->schema;
	Links keys = {0}, made = {0};
	const cJSON *key;

	build_view_keys(build);
	cJSON_ArrayForEach(key, cJSON_GetObjectItemCaseSensitive(build->document, "keys"))
		add_key(build, key, &keys);
	if (keys.count > 0)
		qsort(keys.items, keys.count, sizeof *keys.items, by_origin);
	add_junctions(&schema->arena, &keys, &made);
	add_both_ways(&schema->arena, &keys, &made);
	add_computed(build, &made);
	if (made.count > 0)
		qsort(made.items, made.count, sizeof *made.items, by_telling);
	schema->links = arena_take(&schema->arena, (made.count + 1) * sizeof(Link));
	schema->link_count = made.count;
	if (made.count > 0)
		memcpy(schema->links, made.items, made.count * sizeof(Link));
	for (size_t i = 0; i < made.count; i++)
	{
		Relation *from = &schema->relations[made.items[i].from - schema->relations];

		if (from->link_count++ == 0)
			from->first_link = i;
	}
	free(keys.items);
	free(made.items);
}
