/*
 * rest/sql.h
 *	  Writing SQL: text and parameters of one statement.
 */
#ifndef LEAP_REST_SQL_H
#define LEAP_REST_SQL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "rest/tree.h"

typedef struct SqlText
{
	Arena *arena;
	Buffer text;
	const char **values; /* of $1, $2, ...; NULL is the null of SQL */
	size_t *lengths;
	size_t value_count;
	bool full; /* SQL_MOST_BYTES were not enough: the text is no statement */
} SqlText;

/* A short URL can ask for a long statement, because what is counted or gathered is told again
 * at each level. Nothing is written beyond this. */
#define SQL_MOST_BYTES  ((size_t) 1 << 20)
#define SQL_MOST_VALUES 32767 /* the protocol counts them in 16 bits */

void sql_init(SqlText *sql, Arena *arena);
void sql_free(SqlText *sql);

/* For CLEANUP(sql). */
static inline void
cleanup_sql(SqlText *sql)
{
	sql_free(sql);
}

void sql_puts(SqlText *sql, const char *text);
/* At most 511 bytes at once: for numbers and words of ours. */
void sql_printf(SqlText *sql, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "name", with quotes doubled; a.b for two. */
void sql_name(SqlText *sql, const char *name);
void sql_names(SqlText *sql, const char *space, const char *name);

/* 'text' as a literal, safe whatever standard_conforming_strings says: for constants of the
 * URL's shape only (keys of JSON paths, names); values are parameters. */
void sql_literal(SqlText *sql, const char *text);

/* Adds a parameter of unknown type and writes its "$n"; a value without zeros in it. */
void sql_value(SqlText *sql, const char *value);
void sql_bytes(SqlText *sql, const char *bytes, size_t length);

/*
 * SELECT list FROM from joins WHERE ... GROUP BY ... ORDER BY ... LIMIT ... OFFSET ... of a
 * resolved node, and of those embedded in it.
 */
void sql_select(SqlText *sql, const Node *node);

/* Lets sql_select() cut the page of a root before it joins what is embedded, if the rows are the
 * same then. To be called before anything is written of it. */
void sql_page_first(Node *root);

/* SELECT 1 for every row that sql_select() answers when there is no limit: for counting. */
void sql_count(SqlText *sql, const Node *node);

/* The node's own conditions, joined by AND, without WHERE: false when there are none. Columns
 * are qualified by space.name; both NULL: as in sql_select(). */
bool sql_conditions(SqlText *sql, const Node *node, const char *space, const char *name);

/*
 * The columns of the relation that a statement must return so that sql_select() finds what it
 * reads in them, keys included: quoted, qualified by the relation; all columns ("*") when the
 * list says so.
 */
void sql_returning(SqlText *sql, const Node *node);

/* column->json->>path, qualified by the node; for conditions of full text search without
 * to_tsvector. */
void sql_field(SqlText *sql, const Node *node, const char *space, const char *name,
			   const FieldPath *field);

/* " WHERE ..." with the link to the parent, " ORDER BY ..." and " LIMIT ... OFFSET ...", or nothing. */
void sql_where(SqlText *sql, const Node *node);
void sql_order(SqlText *sql, const Node *node);
void sql_range(SqlText *sql, const Node *node);

#endif
