/*
 * rest/parse_select.c
 *	  select= and order=
 */
#include <string.h>
#include <strings.h>

#include "rest/parse.h"

static const struct
{
	const char *word;
	Aggregate aggregate;
} aggregates[] = {
	{"sum()",   AGGREGATE_SUM  },
    {"avg()",   AGGREGATE_AVG  },
    {"count()", AGGREGATE_COUNT},
	{"max()",   AGGREGATE_MAX  },
    {"min()",   AGGREGATE_MIN  },
};

static bool
at_item_end(const Parse *p)
{
	return *p->at == '\0' || *p->at == ',' || *p->at == ')';
}

static bool
item_end(Parse *p)
{
	parse_blanks(p);
	return at_item_end(p) ||
		   parse_fail(p, '\'',
					  "letter, digit, \"-\", \"->>\", \"->\", \"::\", \".\", \")\", "
					  "\",\" or end of input");
}

/* regclass, regproc and their sisters read names from the catalogs, whoever asks: with one of
 * them, or an array of them, a value that one may write would tell what there is. */
static bool
names_catalog(const char *type)
{
	return strncasecmp(type + (*type == '_'), "reg", 3) == 0;
}

/* The type behind "::", if there is one. */
static bool
parse_cast(Parse *p, const char **cast)
{
	if (!parse_word(p, "::"))
		return true;
	*cast = parse_identifier(p);
	if (*cast == NULL)
		return parse_fail(p, '"', "letter or digit");
	return !names_catalog(*cast) ||
		   rest_error(
			   p->error, p->arena, "PGRST100", NULL,
			   "Casts lead to types of values: text, integer, date, jsonb and so on.",
			   "A cast to %s is not allowed", *cast);
}

/* name!hint!inner( of an embedded relation; false: it is none, and nothing was read. */
static bool
relation_head(Parse *p, Node *node)
{
	const char *start = p->at;

	node->name = parse_name(p);
	for (int i = 0; i < 2 && node->name != NULL && *p->at == '!'; i++)
	{
		p->at++;
		const char *word = p->at;
		const char *hint = parse_name(p);
		size_t length = (size_t) (p->at - word);

		if (hint == NULL)
			break;
		if (length == 4 && strcmp(hint, "left") == 0)
			node->join = JOIN_LEFT;
		else if (length == 5 && strcmp(hint, "inner") == 0)
			node->join = JOIN_INNER;
		else if (node->hint == NULL)
			node->hint = hint;
	}
	if (node->name != NULL && *p->at == '(' &&
		(strcmp(node->name, "count") != 0 || *start == '"'))
		return true;
	p->at = start;
	return false;
}

static const char *
parse_alias(Parse *p)
{
	const char *start = p->at;
	const char *name = parse_name(p);

	if (name != NULL && p->at[0] == ':' && p->at[1] != ':')
	{
		p->at++;
		return name;
	}
	p->at = start;
	return NULL;
}

static bool
parse_aggregate(Parse *p, SelectItem *item)
{
	if (*p->at != '.')
		return true;
	for (size_t i = 0; i < sizeof aggregates / sizeof aggregates[0]; i++)
	{
		p->at++;
		if (parse_word(p, aggregates[i].word))
		{
			item->aggregate = aggregates[i].aggregate;
			return parse_cast(p, &item->aggregate_cast);
		}
		p->at--;
	}
	return true;
}

static bool
parse_item(Parse *p, SelectItem *item)
{
	if (item->alias == NULL && *p->at == '*')
	{
		p->at++;
		item->field.name = "*";
		return item_end(p);
	}
	if (parse_word(p, "count()"))
	{
		item->aggregate = AGGREGATE_COUNT;
		return parse_cast(p, &item->aggregate_cast) && item_end(p);
	}
	return parse_field(p, &item->field) && parse_cast(p, &item->cast) &&
		   parse_aggregate(p, item) && item_end(p);
}

static bool parse_items(Parse *p, Node *node, size_t depth);

static bool
parse_embed(Parse *p, Node *parent, Node *node, size_t depth)
{
	Node **last = &parent->first;

	p->at++; /* ( */
	if (depth == TREE_MOST_EMBEDS)
		return rest_error(p->error, p->arena, "PGRST100", NULL,
						  "Ask for less at once, or write a view or a function.",
						  "Relations are embedded in each other more than %d times",
						  TREE_MOST_EMBEDS);
	*p->items += TREE_EMBED_ITEMS - 1;
	if (!parse_count(p, depth + 1) || !parse_items(p, node, depth + 1))
		return false;
	if (!parse_char(p, ')'))
		return parse_fail(p, '"', "\",\" or \")\"");
	parse_blanks(p);
	while (*last != NULL)
		last = &(*last)->next;
	*last = node;
	node->parent = parent;
	node->depth = depth + 1;
	return true;
}

static bool
parse_one(Parse *p, Node *node, size_t depth)
{
	SelectItem item = {0};
	Node *embed = arena_take(p->arena, sizeof *embed);

	embed->range.limit = -1;
	if (parse_word(p, "..."))
	{
		embed->spread = true;
		if (!relation_head(p, embed))
			return parse_fail(p, '"', "field name (* or [a..z0..9_$])");
		return parse_embed(p, node, embed, depth);
	}
	item.alias = parse_alias(p);
	if (relation_head(p, embed))
	{
		embed->alias = item.alias;
		return parse_embed(p, node, embed, depth);
	}
	if (!parse_count(p, depth) || !parse_item(p, &item))
		return false;
	node->items = arena_room(p->arena, node->items, node->item_count, sizeof item);
	node->items[node->item_count++] = item;
	return true;
}

static bool
parse_items(Parse *p, Node *node, size_t depth)
{
	parse_blanks(p);
	if (at_item_end(p) && *p->at != ',')
		return true;
	do
	{
		parse_blanks(p);
		if (!parse_one(p, node, depth))
			return false;
		parse_blanks(p);
	} while (parse_char(p, ','));
	return true;
}

bool
parse_select(Parse *p, Node *root)
{
	/* a parenthesis too many ends it */
	return parse_items(p, root, 0);
}

/* .asc, .desc; then .nullsfirst, .nullslast */
static bool
order_words(Parse *p, OrderTerm *term)
{
	if (parse_word(p, ".asc"))
		term->direction = ORDER_ASC;
	else if (parse_word(p, ".desc"))
		term->direction = ORDER_DESC;
	if (parse_word(p, ".nullsfirst"))
		term->nulls = NULLS_FIRST;
	else if (parse_word(p, ".nullslast"))
		term->nulls = NULLS_LAST;
	if (*p->at == '.')
	{
		p->at++;
		return parse_fail(p, '"',
						  term->direction == ORDER_UNSAID
							  ? "\"asc\", \"desc\", \"nullsfirst\" or \"nullslast\""
							  : "\"nullsfirst\" or \"nullslast\"");
	}
	return *p->at == '\0' || *p->at == ',' ||
		   parse_fail(p, '\'',
					  term->nulls != NULLS_UNSAID
						  ? "\",\" or end of input"
						  : "delimiter (.), \",\" or end of input");
}

bool
parse_order(Parse *p, OrderTerm **terms, size_t *count)
{
	*terms = NULL;
	*count = 0;
	do
	{
		OrderTerm term = {0};

		if (!parse_count(p, 0) || !parse_field(p, &term.field))
			return false;
		if (term.field.step_count == 0 && parse_char(p, '('))
		{
			term.relation = term.field.name;
			if (!parse_field(p, &term.field))
				return false;
			if (!parse_char(p, ')'))
				return parse_fail(p, '"', "\")\"");
		}
		if (!order_words(p, &term))
			return false;
		*terms = arena_room(p->arena, *terms, *count, sizeof term);
		(*terms)[(*count)++] = term;
	} while (parse_char(p, ','));
	return true;
}
