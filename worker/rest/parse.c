/*
 * rest/parse.c
 *	  The words of the grammar: names, quoted texts, paths into JSON.
 */
#include "rest/parse.h"

#include <ctype.h>
#include <string.h>

#define FIELD_NAME "field name (* or [a..z0..9_$])"

/* The column of p->at, in characters and from 1. */
static size_t
column_of(const Parse *p)
{
	size_t column = 1;

	for (const char *c = p->text; c < p->at; c++)
		column += ((unsigned char) *c & 0xC0) != 0x80;
	return column;
}

bool
parse_fail(Parse *p, char quote, const char *expecting)
{
	const char *end = p->at;
	char *unexpected;

	do
		end += *end != '\0';
	while (((unsigned char) *end & 0xC0) == 0x80);
	if (*p->at == '\0')
		unexpected = arena_text(p->arena, "end of input");
	else
		unexpected =
			arena_printf(p->arena, "%c%.*s%c", quote, (int) (end - p->at), p->at, quote);
	return rest_error(
		p->error, p->arena, "PGRST100",
		arena_printf(p->arena, "unexpected %s expecting %s", unexpected, expecting), NULL,
		"\"failed to parse %s (%s)\" (line 1, column %zu)", p->what, p->shown,
		column_of(p));
}

bool
parse_count(Parse *p, size_t depth)
{
	if (depth <= TREE_MOST_DEPTH && ++*p->items <= TREE_MOST_ITEMS)
		return true;
	return rest_error(p->error, p->arena, "PGRST100", NULL,
					  "Ask for less at once, or write a view or a function.",
					  "The query is too large: %d levels and %d items are allowed",
					  TREE_MOST_DEPTH, TREE_MOST_ITEMS);
}

void
parse_blanks(Parse *p)
{
	while (*p->at == ' ' || *p->at == '\t')
		p->at++;
}

bool
parse_char(Parse *p, char c)
{
	if (*p->at != c)
		return false;
	p->at++;
	return true;
}

bool
parse_word(Parse *p, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(p->at, word, length) != 0)
		return false;
	p->at += length;
	return true;
}

static bool
is_name_char(char c)
{
	return isalnum((unsigned char) c) || (unsigned char) c >= 0x80 ||
		   (c != '\0' && strchr("_ $", c) != NULL);
}

static bool
is_cast_char(char c)
{
	return isalnum((unsigned char) c) || (c != '\0' && strchr("_ $", c) != NULL);
}

static bool
is_key_char(char c)
{
	return c != '\0' && strchr("(-:.,>)", c) == NULL;
}

static char *
trimmed(Parse *p, const char *from, const char *end)
{
	while (from < end && *from == ' ')
		from++;
	while (end > from && end[-1] == ' ')
		end--;
	return arena_copy(p->arena, from, (size_t) (end - from));
}

const char *
parse_quoted(Parse *p)
{
	const char *at = p->at;
	size_t length = 0;

	if (*at++ != '"')
		return NULL;
	/* a list may have many of them: none takes more than it needs */
	for (const char *c = at; *c != '"'; c++, length++)
	{
		c += *c == '\\';
		if (*c == '\0')
			return NULL;
	}
	char *text = arena_take(p->arena, length + 1);

	for (char *out = text; *at != '"'; at++)
	{
		at += *at == '\\';
		*out++ = *at;
	}
	p->at = at + 1;
	return text;
}

/* Words of these characters, joined by dashes that begin no arrow. */
static const char *
dashed(Parse *p, bool (*allowed)(char))
{
	const char *at = p->at;

	for (;;)
	{
		if (!allowed(*at))
			return NULL;
		while (allowed(*at))
			at++;
		if (at[0] != '-' || at[1] == '>')
			break;
		at++;
	}
	const char *name = trimmed(p, p->at, at);

	p->at = at;
	return name;
}

const char *
parse_name(Parse *p)
{
	return *p->at == '"' ? parse_quoted(p) : dashed(p, is_name_char);
}

const char *
parse_identifier(Parse *p)
{
	const char *from = p->at;

	while (is_cast_char(*p->at))
		p->at++;
	return p->at == from ? NULL : trimmed(p, from, p->at);
}

/* -1 or 23 as an index, when nothing follows that makes it a key. */
static bool
json_index(Parse *p, JsonStep *step)
{
	const char *at = p->at;

	if (*at == '-')
		at++;
	if (!isdigit((unsigned char) *at))
		return false;
	while (isdigit((unsigned char) *at))
		at++;
	if (*at != '\0' && strchr(".,)", *at) == NULL && strncmp(at, "->", 2) != 0 &&
		strncmp(at, "::", 2) != 0)
		return false;
	step->index = true;
	step->key = arena_copy(p->arena, p->at, (size_t) (at - p->at));
	p->at = at;
	return true;
}

bool
parse_json_path(Parse *p, FieldPath *field)
{
	while (p->at[0] == '-' && p->at[1] == '>')
	{
		JsonStep step = {0};

		p->at += 2;
		step.text = parse_char(p, '>');
		if (!json_index(p, &step))
		{
			if (*p->at == '-')
			{
				p->at++;
				return parse_fail(p, '"', "digit");
			}
			step.key = *p->at == '"' ? parse_quoted(p) : dashed(p, is_key_char);
			if (step.key == NULL)
				return parse_fail(p, '"',
								  "\"-\", digit or any non reserved character different "
								  "from: .,>()");
		}
		if (!parse_count(p, 0))
			return false;
		field->steps =
			arena_room(p->arena, field->steps, field->step_count, sizeof *field->steps);
		field->steps[field->step_count++] = step;
	}
	return true;
}

bool
parse_field(Parse *p, FieldPath *field)
{
	parse_blanks(p);
	field->name = parse_name(p);
	if (field->name == NULL)
		return parse_fail(p, '"', FIELD_NAME);
	if (!parse_json_path(p, field))
		return false;
	parse_blanks(p);
	return true;
}

bool
parse_tree_path(Parse *p, const char ***path, size_t *count, FieldPath *field)
{
	*path = NULL;
	*count = 0;
	for (;;)
	{
		const char *name = parse_name(p);

		if (name == NULL)
			return parse_fail(p, '"', FIELD_NAME);
		if (!parse_char(p, '.'))
		{
			field->name = name;
			return parse_json_path(p, field);
		}
		if (!parse_count(p, *count))
			return false;
		*path = arena_room(p->arena, *path, *count, sizeof **path);
		(*path)[(*count)++] = name;
	}
}

bool
parse_columns(Parse *p, const char ***names, size_t *count)
{
	*names = NULL;
	*count = 0;
	do
	{
		parse_blanks(p);
		const char *name = parse_name(p);

		if (name == NULL)
			return parse_fail(p, '"', FIELD_NAME);
		if (!parse_count(p, 0))
			return false;
		*names = arena_room(p->arena, *names, *count, sizeof **names);
		(*names)[(*count)++] = name;
		parse_blanks(p);
	} while (parse_char(p, ','));
	return *p->at == '\0' || parse_fail(p, '\'', "\",\" or end of input");
}
