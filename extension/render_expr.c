/*
 * render_expr.c
 *	  From the words in the brackets of a template to expressions.
 *
 *	  any        := all ["or" all]...
 *	  all        := negated ["and" negated]...
 *	  negated    := "not" negated | comparison
 *	  comparison := filtered [("==" | "!=" | "<" | "<=" | ">" | ">=" | ["not"] "in") filtered]
 *	  filtered   := primary ["|" filter ["(" [[name "="] any ","]... ")"]]...
 *	  primary    := name ["." name]... | text | number | true | false | none | "(" any ")"
 */
#include <string.h>

#include "render_parser.h"

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

static RenderExpr *
new_expr(RenderParser *parser, RenderExprKind kind)
{
	RenderExpr *expr = render_allocate(parser, sizeof(RenderExpr));

	expr->kind = kind;
	expr->at = parser->scan.token.at;
	return expr;
}

/* Operands --------------------------------------------------------------------------- */

static void
note_name(RenderParser *parser, const char *name, size_t length, size_t at)
{
	RenderName *use = render_allocate(parser, sizeof(RenderName));

	use->name = name;
	use->length = length;
	use->at = at;
	*parser->last_name = use;
	parser->last_name = &use->next;
}

static RenderExpr *
parse_variable(RenderParser *parser)
{
	Scanner *scan = &parser->scan;
	RenderExpr *expr = new_expr(parser, EXPR_VARIABLE);

	expr->path = scan->source + expr->at;
	note_name(parser, expr->path, scan->token.length, expr->at);
	do
	{
		expr->path_length = scan->token.at + scan->token.length - expr->at;
		if (!scan_next(scan))
			return NULL;
		if (!scan_is(scan, "."))
			return expr;
		if (!scan_next(scan))
			return NULL;
	} while (scan->token.kind == TOKEN_NAME);
	(void) scan_expected(scan, "a name", "A name follows the dot: {{ recording.name }}.");
	return NULL;
}

/* True, false and none, also as Python writes them. */
static bool
constant(const Scanner *scan, RenderValue *value)
{
	static const struct
	{
		const char *name;
		RenderKind kind;
		const char *text;
	} constants[] = {
		{"true",  RENDER_TRUTH,   "true" },
        {"True",  RENDER_TRUTH,   "true" },
		{"false", RENDER_TRUTH,   "false"},
        {"False", RENDER_TRUTH,   "false"},
		{"none",  RENDER_NOTHING, ""     },
        {"None",  RENDER_NOTHING, ""     },
	};

	for (size_t i = 0; i < lengthof(constants); i++)
		if (scan_is(scan, constants[i].name))
		{
			*value = (RenderValue){.kind = constants[i].kind,
								   .text = constants[i].text,
								   .length = strlen(constants[i].text)};
			return true;
		}
	return false;
}

static bool
is_reserved(const Scanner *scan)
{
	return scan_is(scan, "and") || scan_is(scan, "or") || scan_is(scan, "not") ||
		   scan_is(scan, "in") || scan_is(scan, "if") || scan_is(scan, "else");
}

static RenderExpr *
parse_bracket(RenderParser *parser)
{
	RenderExpr *expr;

	if (!render_enter(parser, parser->scan.token.at) || !scan_next(&parser->scan) ||
		(expr = render_parse_any(parser)) == NULL)
		return NULL;
	parser->depth--;
	if (!scan_is(&parser->scan, ")"))
	{
		(void) scan_expected(&parser->scan, "\")\"", "It closes the \"(\" before.");
		return NULL;
	}
	return scan_next(&parser->scan) ? expr : NULL;
}

static RenderExpr *
parse_primary(RenderParser *parser)
{
	Scanner *scan = &parser->scan;
	RenderValue value = scan->token.value;

	if (scan_is(scan, "("))
		return parse_bracket(parser);
	if (scan->token.kind == TOKEN_TEXT || scan->token.kind == TOKEN_NUMBER ||
		constant(scan, &value))
	{
		RenderExpr *expr = new_expr(parser, EXPR_VALUE);

		expr->value = value;
		return scan_next(scan) ? expr : NULL;
	}
	if (scan->token.kind == TOKEN_NAME && !is_reserved(scan))
		return parse_variable(parser);
	(void) scan_expected(
		scan, "a variable or a value",
		"It looks like {{ display_name }} or {{ display_name | upper }}.");
	return NULL;
}

/* Filters ---------------------------------------------------------------------------- */

/* Which argument is given here; -1: there is none of that name. *place counts those without
 * a name. */
static int
which_argument(RenderParser *parser, const RenderFilter *filter, int *place, bool *fine)
{
	Scanner *scan = &parser->scan;
	Scanner before = *scan;

	*fine = true;
	if (scan->token.kind == TOKEN_NAME)
	{
		if (!scan_next(scan))
		{
			*fine = false;
			return -1;
		}
		if (scan_is(scan, "="))
		{
			*fine = scan_next(scan);
			for (int i = 0; i < RENDER_ARGUMENTS_MOST; i++)
				if (filter->names[i] != NULL && scan_is(&before, filter->names[i]))
					return i;
			return -1;
		}
		*scan = before;
	}
	return (*place)++;
}

static bool
parse_argument(RenderParser *parser, RenderFilterUse *use, int *place)
{
	size_t at = parser->scan.token.at;
	bool fine;
	int which = which_argument(parser, use->filter, place, &fine);

	if (!fine)
		return false;
	if (which < 0 || which >= RENDER_ARGUMENTS_MOST || use->filter->names[which] == NULL)
		return scan_fail(&parser->scan, at, use->filter->help.purpose,
						 "filter \"%s\" takes %s", use->filter->help.name,
						 use->filter->names[0] == NULL ? "no arguments"
													   : use->filter->help.arguments);
	if (use->arguments[which] != NULL)
		return scan_fail(&parser->scan, at, use->filter->help.purpose,
						 "argument \"%s\" of filter \"%s\" is given twice",
						 use->filter->names[which], use->filter->help.name);
	return (use->arguments[which] = render_parse_any(parser)) != NULL;
}

static bool
parse_arguments(RenderParser *parser, RenderFilterUse *use)
{
	Scanner *scan = &parser->scan;
	int place = 0;

	if (!render_enter(parser, scan->token.at) || !scan_next(scan))
		return false;
	while (!scan_is(scan, ")"))
	{
		if (!parse_argument(parser, use, &place))
			return false;
		if (scan_is(scan, ","))
		{
			if (!scan_next(scan))
				return false;
		}
		else if (!scan_is(scan, ")"))
			return scan_expected(scan, "\",\" or \")\"",
								 "Arguments stand between brackets: | part(0, \"_\").");
	}
	parser->depth--;
	return scan_next(scan);
}

static RenderFilterUse *
parse_filter(RenderParser *parser)
{
	Scanner *scan = &parser->scan;
	RenderFilterUse *use = render_allocate(parser, sizeof(RenderFilterUse));
	const char *name = scan->source + scan->token.at;
	size_t length = scan->token.length;

	use->at = scan->token.at;
	if (scan->token.kind != TOKEN_NAME)
	{
		(void) scan_expected(scan, "the name of a filter",
							 "A filter follows the bar: {{ display_name | upper }}.");
		return NULL;
	}
	use->filter = render_filter_find(name, length);
	if (use->filter == NULL)
	{
		(void) scan_fail(scan, use->at, "", "there is no filter \"%.*s\"",
						 (int) (length < 60 ? length : 60), name);
		render_filter_hint(scan->error, name, length);
		return NULL;
	}
	if (!scan_next(scan) || (scan_is(scan, "(") && !parse_arguments(parser, use)))
		return NULL;
	for (int i = 0; i < use->filter->needed; i++)
		if (use->arguments[i] == NULL)
		{
			(void) scan_fail(scan, use->at, use->filter->help.purpose,
							 "filter \"%s\" needs its argument \"%s\"",
							 use->filter->help.name, use->filter->names[i]);
			return NULL;
		}
	return use;
}

static RenderExpr *
parse_filtered(RenderParser *parser)
{
	RenderExpr *expr = parse_primary(parser);
	RenderFilterUse **last;

	if (expr == NULL || !scan_is(&parser->scan, "|"))
		return expr;
	if (expr->kind != EXPR_VALUE && expr->kind != EXPR_VARIABLE)
	{
		/* filters of what stands in brackets */
		RenderExpr *whole = new_expr(parser, EXPR_ANY);

		whole->operands = expr;
		expr = whole;
	}
	last = &expr->filters;
	while (*last != NULL) /* ("a" | upper) | lower */
		last = &(*last)->next;
	while (scan_is(&parser->scan, "|"))
	{
		if (!scan_next(&parser->scan) || (*last = parse_filter(parser)) == NULL)
			return NULL;
		last = &(*last)->next;
	}
	return expr;
}

/* Conditions ------------------------------------------------------------------------- */

/* Takes the sign of a comparison, if there is one. */
static bool
take_comparison(RenderParser *parser, RenderCompare *compare, bool *found)
{
	static const struct
	{
		const char *sign;
		RenderCompare compare;
	} signs[] = {
		{"==", COMPARE_EQUAL           },
        {"!=", COMPARE_DIFFERENT       },
		{"<",  COMPARE_LESS            },
        {"<=", COMPARE_LESS_OR_EQUAL   },
		{">",  COMPARE_GREATER         },
        {">=", COMPARE_GREATER_OR_EQUAL},
		{"in", COMPARE_IN              },
	};
	Scanner *scan = &parser->scan;

	for (size_t i = 0; i < lengthof(signs); i++)
		if (scan_is(scan, signs[i].sign))
		{
			*compare = signs[i].compare;
			*found = true;
			return scan_next(scan);
		}
	*found = scan_is(scan, "not");
	*compare = COMPARE_NOT_IN;
	if (!*found)
		return true;
	if (!scan_next(scan))
		return false;
	return scan_is(scan, "in") ? scan_next(scan)
							   : scan_expected(scan, "\"in\"", "It reads: a not in b.");
}

static RenderExpr *
parse_comparison(RenderParser *parser)
{
	RenderExpr *left = parse_filtered(parser);
	RenderExpr *compared;
	RenderCompare compare;
	bool found;

	if (left == NULL || !take_comparison(parser, &compare, &found))
		return NULL;
	if (!found)
		return left;
	compared = new_expr(parser, EXPR_COMPARE);
	compared->compare = compare;
	compared->operands = left;
	left->next = parse_filtered(parser);
	return left->next != NULL ? compared : NULL;
}

static RenderExpr *
parse_negated(RenderParser *parser)
{
	RenderExpr *expr;

	if (!scan_is(&parser->scan, "not"))
		return parse_comparison(parser);
	expr = new_expr(parser, EXPR_NOT);
	if (!render_enter(parser, expr->at) || !scan_next(&parser->scan) ||
		(expr->operands = parse_negated(parser)) == NULL)
		return NULL;
	parser->depth--;
	return expr;
}

/* Operands with the same word between them; one alone stays what it is. */
static RenderExpr *
parse_chain(RenderParser *parser, const char *word, RenderExprKind kind,
			RenderExpr *(*operand)(RenderParser *) )
{
	RenderExpr *first = operand(parser);
	RenderExpr *chain;
	RenderExpr **last;

	if (first == NULL || !scan_is(&parser->scan, word))
		return first;
	chain = new_expr(parser, kind);
	chain->operands = first;
	last = &first->next;
	while (scan_is(&parser->scan, word))
	{
		if (!scan_next(&parser->scan) || (*last = operand(parser)) == NULL)
			return NULL;
		last = &(*last)->next;
	}
	return chain;
}

static RenderExpr *
parse_all(RenderParser *parser)
{
	return parse_chain(parser, "and", EXPR_ALL, parse_negated);
}

RenderExpr *
render_parse_any(RenderParser *parser)
{
	return parse_chain(parser, "or", EXPR_ANY, parse_all);
}
