/*
 * rest/schema_view.c
 *	  Which columns of a view are plain columns of what lies below.
 *
 * The server keeps the answer in the definition itself: each entry of a query's target list
 * says from which column of which relation it comes (resorigtbl, resorigcol). Only the target
 * list of the outermost query counts, so the nesting of parentheses is followed. The text is
 * that of PostgreSQL's node trees: words between blanks, ( ) { } around lists and nodes, a
 * backslash before a character that is none of these.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rest/schema_internal.h"

#define QUERY_DEPTH 2 /* ({QUERY ... */
#define ENTRY_DEPTH 4 /* ({QUERY :targetList ({TARGETENTRY ... */

typedef struct Walk
{
	const char *at;
	int depth;
	bool in_list; /* inside the outermost target list */
} Walk;

/* The next word, its length 0 at the end; a parenthesis is a word and moves the depth. */
static const char *
next_word(Walk *walk, size_t *length)
{
	while (isspace((unsigned char) *walk->at))
		walk->at++;
	const char *start = walk->at;

	if (*start != '\0' && strchr("({", *start) != NULL)
	{
		walk->depth++;
		walk->at++;
	}
	else if (*start != '\0' && strchr(")}", *start) != NULL)
	{
		walk->depth--;
		walk->at++;
	}
	else
	{
		while (*walk->at != '\0' && !isspace((unsigned char) *walk->at) &&
			   strchr("(){}", *walk->at) == NULL)
			walk->at += walk->at[0] == '\\' && walk->at[1] != '\0' ? 2 : 1;
	}
	*length = (size_t) (walk->at - start);
	return start;
}

static bool
is_word(const char *at, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(at, word, length) == 0;
}

/* What is no number counts as 0, and as no column. */
static int
number_of(const char *word)
{
	char *end;
	long number = strtol(word, &end, 10);

	return end == word || number < 0 || number > INT16_MAX ? 0 : (int) number;
}

/* The fields of one entry, up to its closing brace. */
static bool
read_entry(Arena *arena, Walk *walk, ViewColumn *column)
{
	size_t length;

	while (walk->depth >= ENTRY_DEPTH)
	{
		const char *word = next_word(walk, &length);
		bool number, table, table_number;

		if (length == 0)
			return false;
		if (walk->depth != ENTRY_DEPTH || *word != ':')
			continue;
		number = is_word(word, length, ":resno");
		table = is_word(word, length, ":resorigtbl");
		table_number = is_word(word, length, ":resorigcol");
		if (!number && !table && !table_number)
			continue;
		word = next_word(walk, &length);
		if (number)
			column->number = number_of(word);
		else if (table)
			column->table = arena_copy(arena, word, length);
		else
			column->table_number = number_of(word);
	}
	return true;
}

bool
view_columns(Arena *arena, const char *tree, ViewColumn **columns, size_t *count)
{
	Walk walk = {.at = tree};
	size_t length;

	*columns = NULL;
	*count = 0;
	for (;;)
	{
		const char *word = next_word(&walk, &length);

		if (length == 0)
			return *count > 0;
		if (!walk.in_list)
		{
			walk.in_list =
				walk.depth == QUERY_DEPTH && is_word(word, length, ":targetList");
			continue;
		}
		if (walk.depth <= QUERY_DEPTH)
			return true;
		if (walk.depth == ENTRY_DEPTH)
		{
			ViewColumn column = {0};

			if (!read_entry(arena, &walk, &column))
				return false;
			if (column.table == NULL || strcmp(column.table, "0") == 0)
				continue;
			*columns = arena_room(arena, *columns, *count, sizeof column);
			(*columns)[(*count)++] = column;
		}
	}
}
