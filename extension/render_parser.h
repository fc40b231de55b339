/*
 * render_parser.h
 *	  Parsing a template: what its two halves, texts with brackets (render_parse.c) and what
 *	  stands in the brackets (render_expr.c), share.
 */
#ifndef LEAP_RENDER_PARSER_H
#define LEAP_RENDER_PARSER_H

#include "render_scan.h"
#include "render_tree.h"

typedef struct RenderParser
{
	Scanner scan;
	RenderTree *tree;
	const RenderName **last_name;
	int depth;
	bool trim; /* the blanks at the start of the next text */
} RenderParser;

/* Zeroed memory that lives as long as the tree. */
void *render_allocate(RenderParser *parser, size_t bytes);

/* One level further in, left by parser->depth--; false: that is too deep. */
bool render_enter(RenderParser *parser, size_t at);

/* The expression that begins at the token; NULL: there is none, the error is set. */
RenderExpr *render_parse_any(RenderParser *parser);

#endif
