/*
 * render_parse.c
 *	  From the text of a template to its tree: text, and what stands in brackets.
 *
 *	  template := (text | {{ any }} | {% if any %} template [{% elif any %} template]...
 *	              [{% else %} template] {% endif %} | {# comment #})...
 *
 * A hyphen inside the brackets, as in {{- and -%}, takes the blanks of the text beside them.
 */
#include <stdio.h>
#include <string.h>

#include "render_parser.h"
#include "render_text.h"

void *
render_allocate(RenderParser *parser, size_t bytes)
{
	const RenderHost *host = parser->scan.host;

	return memset(host->allocate(host->arg, bytes), 0, bytes);
}

bool
render_enter(RenderParser *parser, size_t at)
{
	if (++parser->depth <= RENDER_DEPTH_MOST)
		return true;
	return scan_fail(&parser->scan, at, "Write it flatter: {% elif %} does not nest.",
					 "blocks, brackets and negations are nested deeper than %d",
					 RENDER_DEPTH_MOST);
}

static bool parse_parts(RenderParser *parser, RenderPart **first);

/* Takes the closing bracket that is looked at, and notes whether it trims. */
static bool
end_bracket(RenderParser *parser, const char *bracket, const char *hint)
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
parse_output(RenderParser *parser, RenderPart *part)
{
	return scan_next(&parser->scan) && (part->value = render_parse_any(parser)) != NULL &&
		   end_bracket(parser, "}}", "What begins with {{ ends with }}.");
}

static bool
skip_comment(RenderParser *parser, size_t open)
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
close_tag(RenderParser *parser)
{
	return end_bracket(parser, "%}", "What begins with {% ends with %}.");
}

/* The branches of an if; the word "if" is looked at. */
static bool
parse_if(RenderParser *parser, RenderPart *part)
{
	Scanner *scan = &parser->scan;
	RenderBranch **last = &part->branches;
	bool otherwise = false;

	if (!render_enter(parser, part->at))
		return false;
	for (;;)
	{
		RenderBranch *branch = *last = render_allocate(parser, sizeof(RenderBranch));

		last = &branch->next;
		if (!scan_next(scan) ||
			(!otherwise && (branch->condition = render_parse_any(parser)) == NULL) ||
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
parse_plain(RenderParser *parser, RenderPart *part)
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
parse_bracketed(RenderParser *parser, RenderPart *part, bool *end)
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
parse_parts(RenderParser *parser, RenderPart **first)
{
	Scanner *scan = &parser->scan;
	RenderPart **last = first;
	bool end = false;

	while (scan->at < scan->length)
	{
		RenderPart *part = *last = render_allocate(parser, sizeof(RenderPart));

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
	RenderParser parser = {
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
	parser.tree = render_allocate(&parser, sizeof(RenderTree));
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
