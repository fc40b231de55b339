/*
 * rest/parse.h
 *	  The grammar of query parameters: one text at a time, with errors that say where.
 */
#ifndef LEAP_REST_PARSE_H
#define LEAP_REST_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "rest/tree.h"

typedef struct Parse
{
	Arena *arena;
	RestError *error;
	const char *what;  /* "select parameter", for the message */
	const char *shown; /* the text as the message tells it */
	const char *text;
	const char *at;
	size_t *items; /* counted over the whole query, TREE_MOST_ITEMS at most */
} Parse;

/* PGRST100 at p->at. quote: how the unexpected character is shown, ' or ". */
bool parse_fail(Parse *p, char quote, const char *expecting);
bool parse_count(Parse *p, size_t depth);

void parse_blanks(Parse *p);
bool parse_char(Parse *p, char c);
bool parse_word(Parse *p, const char *word);

/* A field name ("quoted" or plain), NULL when there is none; *at does not move then. */
const char *parse_name(Parse *p);

/* "quoted \" text"; NULL when there is none or it does not end. */
const char *parse_quoted(Parse *p);

/* Letters, digits, _, $ and blanks (trimmed) of ASCII: names of types and languages. */
const char *parse_identifier(Parse *p);

/* name->key->>0, with blanks around. */
bool parse_field(Parse *p, FieldPath *field);
bool parse_json_path(Parse *p, FieldPath *field);

/* The whole text, each. */
bool parse_select(Parse *p, Node *root);
bool parse_order(Parse *p, OrderTerm **terms, size_t *count);
bool parse_columns(Parse *p, const char ***names, size_t *count);

/* "and(...)", "not.or(...)" */
bool parse_logic(Parse *p, Condition **condition, size_t depth);

/* [not.]operator.value into *condition; in_logic: the value ends at , or ). */
bool parse_operation(Parse *p, Condition *condition, bool in_logic);

/* "path.to.name->json" */
bool parse_tree_path(Parse *p, const char ***path, size_t *count, FieldPath *field);

#endif
