/*
 * render_parse.c
 *	  From the text of a template to its tree.
 *
 *	  template   := (text | {{ any }} | {% if any %} template [{% elif any %} template]...
 *	                [{% else %} template] {% endif %} | {# comment #})...
 *	  any        := all ["or" all]...
 *	  all        := negated ["and" negated]...
 *	  negated    := "not" negated | comparison
 *	  comparison := filtered [("==" | "!=" | "<" | "<=" | ">" | ">=" | ["not"] "in") filtered]
 *	  filtered   := primary ["|" filter ["(" [[name "="] any ","]... ")"]]...
 *	  primary    := name ["." name]... | text | number | true | false | none | "(" any ")"
 *
 * A hyphen inside the brackets, as in {{- and -%}, takes the blanks of the text beside them.
 */
#include <stdio.h>
#include <string.h>

#include "render_scan.h"
#include "render_text.h"
#include "render_tree.h"

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

typedef struct Parser
{
	Scanner scan;
	RenderTree *tree;
	const RenderName **last_name;
	int depth;
	bool trim; /* the blanks at the start of the next text */
} Parser;

static RenderExpr *parse_any(Parser *parser);

static void *
allocate(Parser *parser, size_t bytes)
{
	const RenderHost *host = parser->scan.host;

	return memset(host->allocate(host->arg, bytes), 0, bytes);
}

/* One level further in; false: that is too deep. */
static bool
enter(Parser *parser, size_t at)
{
	if (++parser->depth <= RENDER_DEPTH_MOST)
		return true;
	return scan_fail(&parser->scan, at, "Write it flatter: {% elif %} does not nest.",
					 "blocks, brackets and negations are nested deeper than %d",
					 RENDER_DEPTH_MOST);
}

static RenderExpr *
new_expr(Parser *parser, RenderExprKind kind)
{
	RenderExpr *expr = allocate(parser, sizeof(RenderExpr));

	expr->kind = kind;
	expr->at = parser->scan.token.at;
	return expr;
}

/* Operands --------------------------------------------------------------------------- */

static void
note_name(Parser *parser, const char *name, size_t length, size_t at)
{
	RenderName *use = allocate(parser, sizeof(RenderName));

	use->name = name;
	use->length = length;
	use->at = at;
	*parser->last_name = use;
	parser->last_name = &use->next;
}

static RenderExpr *
parse_variable(Parser *parser)
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
parse_bracket(Parser *parser)
{
	RenderExpr *expr;

	if (!enter(parser, parser->scan.token.at) || !scan_next(&parser->scan) ||
		(expr = parse_any(parser)) == NULL)
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
parse_primary(Parser *parser)
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
which_argument(Parser *parser, const RenderFilter *filter, int *place, bool *fine)
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
parse_argument(Parser *parser, RenderFilterUse *use, int *place)
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
	return (use->arguments[which] = parse_any(parser)) != NULL;
}

static bool
parse_arguments(Parser *parser, RenderFilterUse *use)
{
	Scanner *scan = &parser->scan;
	int place = 0;

	if (!enter(parser, scan->token.at) || !scan_next(scan))
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
parse_filter(Parser *parser)
{
	Scanner *scan = &parser->scan;
	RenderFilterUse *use = allocate(parser, sizeof(RenderFilterUse));
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
parse_filtered(Parser *parser)
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
take_comparison(Parser *parser, RenderCompare *compare, bool *found)
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
parse_comparison(Parser *parser)
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
parse_negated(Parser *parser)
{
	RenderExpr *expr;

	if (!scan_is(&parser->scan, "not"))
		return parse_comparison(parser);
	expr = new_expr(parser, EXPR_NOT);
	if (!enter(parser, expr->at) || !scan_next(&parser->scan) ||
		(expr->operands = parse_negated(parser)) == NULL)
		return NULL;
	parser->depth--;
	return expr;
}

/* Operands with the same word between them; one alone stays what it is. */
static RenderExpr *
parse_chain(Parser *parser, const char *word, RenderExprKind kind,
			RenderExpr *(*operand)(Parser *) )
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
parse_all(Parser *parser)
{
	return parse_chain(parser, "and", EXPR_ALL, parse_negated);
}

static RenderExpr *
parse_any(Parser *parser)
{
	return parse_chain(parser, "or", EXPR_ANY, parse_all);
}

/* Parts ------------------------------------------------------------------------------ */

static bool parse_parts(Parser *parser, RenderPart **first);

/* Takes the closing bracket that is looked at, and notes whether it trims. */
static bool
end_bracket(Parser *parser, const char *bracket, const char *hint)
{
	Scanner *scan = &parser->scan;
	const Token *token = &scan->token;

	if (token->kind != TOKEN_CLOSE ||
		memcmp(scan->source + token->at + token->length - 2, bracket, 2) != 0)
	{
		char wanted[8];

		snprintf(wanted, sizeof wanted, "\"%s\"", bracket);
		return scan_expected(scan, wanted, hint);
	}
	parser->trim = token->length == 3;
	return true;
}

static bool
parse_output(Parser *parser, RenderPart *part)
{
	return scan_next(&parser->scan) && (part->value = parse_any(parser)) != NULL &&
		   end_bracket(parser, "}}", "What begins with {{ ends with }}.");
}

static bool
skip_comment(Parser *parser, size_t open)
{
	Scanner *scan = &parser->scan;

	for (; scan->at + 2 <= scan->length; scan->at++)
		if (memcmp(scan->source + scan->at, "#}", 2) == 0)
		{
			parser->trim = scan->source[scan->at - 1] == '-' && scan->at - 1 >= open + 2;
			scan->at += 2;
			return true;
		}
	return scan_fail(scan, open, "It ends with #}.",
					 "the comment that begins here has no end");
}

static bool
close_tag(Parser *parser)
{
	return end_bracket(parser, "%}", "What begins with {% ends with %}.");
}

/* The branches of an if; the word "if" is looked at. */
static bool
parse_if(Parser *parser, RenderPart *part)
{
	Scanner *scan = &parser->scan;
	RenderBranch **last = &part->branches;
	bool otherwise = false;

	if (!enter(parser, part->at))
		return false;
	for (;;)
	{
		RenderBranch *branch = *last = allocate(parser, sizeof(RenderBranch));

		last = &branch->next;
		if (!scan_next(scan) ||
			(!otherwise && (branch->condition = parse_any(parser)) == NULL) ||
			!close_tag(parser) || !parse_parts(parser, &branch->parts))
			return false;
		if (scan->token.kind == TOKEN_END)
			return scan_fail(scan, part->at, "It ends with {% endif %}.",
							 "the {%% if %%} that begins here has no end");
		if (scan_is(scan, "endif"))
			break;
		if (otherwise)
			return scan_expected(scan, "\"endif\"",
								 "Nothing but {% endif %} follows {% else %}.");
		otherwise = scan_is(scan, "else");
	}
	parser->depth--;
	return scan_next(scan) && close_tag(parser);
}

/* Takes the blanks at the end of a text away if a hyphen follows. */
static void
trim_end(const Scanner *scan, RenderPart *text)
{
	if (scan->at + 2 < scan->length && scan->source[scan->at + 2] == '-')
		while (text->length > 0 &&
			   memchr(" \t\r\n", text->text[text->length - 1], 4) != NULL)
			text->length--;
}

static bool
opens(const Scanner *scan, size_t at)
{
	return at + 2 <= scan->length && scan->source[at] == '{' &&
		   (scan->source[at + 1] == '{' || scan->source[at + 1] == '%' ||
			scan->source[at + 1] == '#');
}

/* The text up to the next opening bracket or the end. */
static void
parse_plain(Parser *parser, RenderPart *part)
{
	Scanner *scan = &parser->scan;

	while (parser->trim && scan->at < scan->length &&
		   memchr(" \t\r\n", scan->source[scan->at], 4) != NULL)
		scan->at++;
	parser->trim = false;
	part->text = scan->source + scan->at;
	part->at = scan->at;
	while (scan->at < scan->length && !opens(scan, scan->at))
		scan->at++;
	part->length = (size_t) (scan->source + scan->at - part->text);
	trim_end(scan, part);
}

/* What stands in brackets: *end becomes true at a tag that ends the block around it. */
static bool
parse_bracketed(Parser *parser, RenderPart *part, bool *end)
{
	Scanner *scan = &parser->scan;
	char kind = scan->source[scan->at + 1];

	part->at = scan->at;
	scan->at += 2;
	if (kind == '#')
		return skip_comment(parser, part->at);
	if (scan->at < scan->length && scan->source[scan->at] == '-')
		scan->at++;
	if (kind == '{')
		return parse_output(parser, part);
	if (!scan_next(scan))
		return false;
	if (scan_is(scan, "if"))
		return parse_if(parser, part);
	*end = scan_is(scan, "elif") || scan_is(scan, "else") || scan_is(scan, "endif");
	if (!*end)
		return scan_expected(scan, "\"if\", \"elif\", \"else\" or \"endif\"",
							 "There are no other blocks, and no loops.");
	return true;
}

/* Parts up to the end of the template, or up to a tag that ends the block around them, which
 * is then looked at. */
static bool
parse_parts(Parser *parser, RenderPart **first)
{
	Scanner *scan = &parser->scan;
	RenderPart **last = first;
	bool end = false;

	while (scan->at < scan->length)
	{
		RenderPart *part = *last = allocate(parser, sizeof(RenderPart));

		last = &part->next;
		if (!opens(scan, scan->at))
			parse_plain(parser, part);
		else if (!parse_bracketed(parser, part, &end))
			return false;
		if (end)
			return true;
	}
	scan->token = (Token){.kind = TOKEN_END, .at = scan->length};
	return true;
}

RenderTree *
render_parse(const RenderHost *host, const char *source, size_t length,
			 RenderError *error)
{
	Parser parser = {
		.scan = {.host = host, .source = source, .length = length, .error = error}
    };

	*error = (RenderError){.line = 1, .column = 1};
	if (length > RENDER_TEMPLATE_MOST)
	{
		(void) scan_fail(&parser.scan, 0, "Make it shorter.",
						 "it has %zu bytes, a template has at most %d", length,
						 RENDER_TEMPLATE_MOST);
		return NULL;
	}
	parser.tree = allocate(&parser, sizeof(RenderTree));
	parser.tree->source = source;
	parser.tree->length = length;
	parser.last_name = &parser.tree->names;
	if (!parse_parts(&parser, &parser.tree->parts))
		return NULL;
	if (parser.scan.token.kind == TOKEN_END)
		return parser.tree;
	(void) scan_fail(&parser.scan, parser.scan.token.at,
					 "Blocks begin with {% if ... %}.",
					 "\"%.*s\" without an {%% if %%} before it",
					 (int) parser.scan.token.length, source + parser.scan.token.at);
	return NULL;
}

/* As many names as there is room for. */
static void
list_names(RenderError *error, const char *const *names, size_t count)
{
	size_t used = (size_t) snprintf(error->hint, sizeof error->hint, "There are");

	for (size_t i = 0; i < count; i++)
	{
		if (strlen(names[i]) + 8 > sizeof error->hint - used)
		{
			(void) snprintf(error->hint + used, sizeof error->hint - used, " ...");
			return;
		}
		used += (size_t) snprintf(error->hint + used, sizeof error->hint - used, "%s %s",
								  i > 0 ? "," : "", names[i]);
	}
}

bool
render_names_known(const RenderTree *tree, const char *const *known, size_t count,
				   RenderError *error)
{
	for (const RenderName *use = tree->names; use != NULL; use = use->next)
	{
		const char *nearest;
		bool found = false;

		for (size_t i = 0; i < count && !found; i++)
			found = strlen(known[i]) == use->length &&
					memcmp(known[i], use->name, use->length) == 0;
		if (found)
			continue;
		nearest = text_nearest(use->name, use->length, known, count);
		snprintf(error->message, sizeof error->message, "there is no variable \"%.*s\"",
				 (int) (use->length < 60 ? use->length : 60), use->name);
		if (nearest != NULL)
			snprintf(error->hint, sizeof error->hint, "Is %s meant?", nearest);
		else
			list_names(error, known, count);
		return render_locate(error, tree->source, use->at);
	}
	return true;
}
