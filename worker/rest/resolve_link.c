/*
 * rest/resolve_link.c
 *	  Which relationship an embedded name means, and what is said when it is none or several.
 */
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "rest/resolve.h"

static bool
same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* The single column on one side of a link is this one. */
static bool
column_is(const Link *link, const char *name, bool there)
{
	return link->junction == NULL && link->pair_count == 1 &&
		   same(there ? link->pairs[0].there : link->pairs[0].here, name);
}

/* A relation with a link to itself: the name of the relation means the many, that of the
 * column the one. */
static bool
means_self(const Link *link, const char *target, const char *hint)
{
	if (hint == NULL)
		return (link->kind == LINK_TO_MANY && same(target, link->to->name)) ||
			   (link->kind == LINK_TO_ONE && column_is(link, target, false));
	return link->kind == LINK_TO_MANY && same(target, link->to->name) &&
		   column_is(link, hint, true);
}

/* Whether `target!hint` means this link. */
static bool
means(const Link *link, const char *target, const char *hint)
{
	bool key = link->junction == NULL;

	if (link->kind == LINK_COMPUTED)
		return hint == NULL && same(target, link->constraint);
	if (link->from == link->to)
		return means_self(link, target, hint);
	if (hint == NULL)
		return same(target, link->to->name) ||
			   (key && !link->to->view &&
				(same(target, link->constraint) || column_is(link, target, false)));
	return same(target, link->to->name) &&
		   (key ? same(hint, link->constraint) || column_is(link, hint, false) ||
					  column_is(link, hint, true)
				: same(hint, link->junction->name));
}

static void
append_columns(Buffer *out, const ColumnPair *pairs, size_t count, bool there)
{
	buffer_puts(out, "(");
	for (size_t i = 0; i < count; i++)
		buffer_printf(out, "%s%s", i > 0 ? ", " : "",
					  there ? pairs[i].there : pairs[i].here);
	buffer_puts(out, ")");
}

static void
append_json_text(Buffer *out, const char *text)
{
	buffer_puts(out, "\"");
	for (; *text != '\0'; text++)
	{
		if (*text == '"' || *text == '\\')
			buffer_puts(out, "\\");
		if ((unsigned char) *text < 0x20)
			buffer_printf(out, "\\u%04x", *text);
		else
			buffer_append(out, text, 1);
	}
	buffer_puts(out, "\"");
}

static void
describe(Buffer *out, const Link *link, Buffer *way)
{
	static const char *const kinds[] = {"many-to-one", "one-to-one", "one-to-many",
										"many-to-many", "computed"};

	if (link->junction != NULL)
	{
		buffer_printf(way, "%s using %s", link->junction->name, link->constraint);
		append_columns(way, link->pairs, link->pair_count, true);
		buffer_printf(way, " and %s", link->constraint2);
		append_columns(way, link->pairs2, link->pair2_count, false);
	}
	else
	{
		buffer_printf(way, "%s using %s", link->constraint, link->from->name);
		append_columns(way, link->pairs, link->pair_count, false);
		buffer_printf(way, " and %s", link->to->name);
		append_columns(way, link->pairs, link->pair_count, true);
	}
	buffer_printf(out, "{\"cardinality\":\"%s\",\"embedding\":", kinds[link->kind]);
	CLEANUP(buffer) Buffer both;

	buffer_init(&both);
	buffer_printf(&both, "%s with %s", link->from->name, link->to->name);
	append_json_text(out, both.data);
	buffer_puts(out, ",\"relationship\":");
	append_json_text(out, way->data);
	buffer_puts(out, "}");
}

/* PGRST201: which one? */
static bool
ambiguous(Resolve *resolve, const Node *node, const Link *const *found, size_t count)
{
	CLEANUP(buffer) Buffer details;
	CLEANUP(buffer) Buffer hint;

	buffer_init(&details);
	buffer_init(&hint);
	for (size_t i = 0; i < count; i++)
	{
		CLEANUP(buffer) Buffer way;

		buffer_init(&way);
		buffer_puts(&details, i == 0 ? "[" : ",");
		describe(&details, found[i], &way);
		buffer_printf(&hint, "%s'%s!%s'", i == 0 ? "" : ", ", node->name,
					  found[i]->junction != NULL ? found[i]->junction->name
												 : found[i]->constraint);
	}
	buffer_puts(&details, "]");
	(void) rest_error(
		resolve->error, resolve->arena, "PGRST201",
		arena_copy(resolve->arena, details.data, details.length),
		arena_printf(resolve->arena,
					 "Try changing '%s' to one of the following: %s. Find the desired "
					 "relationship in the 'details' key.",
					 node->name, hint.data),
		"Could not embed because more than one relationship was found for '%s' and '%s'",
		node->parent->relation->name, node->name);
	resolve->error->details_json = true;
	return false;
}

/* PGRST200: there is none. */
static bool
unrelated(Resolve *resolve, const Node *node, const char *parent, const Link *links,
		  size_t count)
{
	const char **names = arena_take(resolve->arena, (count + 1) * sizeof *names);
	const char *space = node->parent->relation != NULL ? node->parent->relation->schema
													   : resolve->config->schemas[0];
	const char *nearest, *hint = NULL;

	for (size_t i = 0; i < count; i++)
		names[i] = links[i].to->name;
	nearest = rest_nearest(node->name, names, count);
	if (nearest != NULL && !same(nearest, node->name))
		hint = arena_printf(resolve->arena, "Perhaps you meant '%s' instead of '%s'.",
							nearest, node->name);
	return rest_error(
		resolve->error, resolve->arena, "PGRST200",
		arena_printf(
			resolve->arena,
			"Searched for a foreign key relationship between '%s' and '%s'%s%s%s "
			"in the schema '%s', but no matches were found.",
			parent, node->name, node->hint != NULL ? " using the hint '" : "",
			node->hint != NULL ? node->hint : "", node->hint != NULL ? "'" : "", space),
		hint, "Could not find a relationship between '%s' and '%s' in the schema cache",
		parent, node->name);
}

bool
resolve_link(Resolve *resolve, Node *node)
{
	const Relation *parent = node->parent->relation;
	size_t count = 0, found_count = 0;
	const Link *links =
		parent != NULL ? relation_links(resolve->schema, parent, &count) : NULL;
	const Link **found = arena_take(resolve->arena, (count + 1) * sizeof(const Link *));

	for (size_t i = 0; i < count; i++)
	{
		if (!means(&links[i], node->name, node->hint))
			continue;
		found[found_count++] = &links[i];
		/* a function is written on purpose: it goes before what keys say */
		if (links[i].kind == LINK_COMPUTED)
		{
			found[0] = &links[i];
			found_count = 1;
			break;
		}
	}
	if (found_count == 0)
		return unrelated(resolve, node,
						 parent != NULL ? parent->name : node->parent->sql_name, links,
						 count);
	if (found_count > 1)
		return ambiguous(resolve, node, found, found_count);
	node->link = found[0];
	node->relation = found[0]->to;
	return true;
}
