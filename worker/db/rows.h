/*
 * db/rows.h
 *	  The rows a call returned.
 */
#ifndef LEAP_DB_ROWS_H
#define LEAP_DB_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"

/* libpq's result under a name of our own: only db/ includes its header. */
typedef struct pg_result DbRows;

int rows_count(const DbRows *rows);

/* The text at row and column (from 0), or NULL for SQL NULL and for what is not there. */
const char *rows_text(const DbRows *rows, int row, int column);

/* Its bytes, without the zero behind them; 0 for SQL NULL and for what is not there. */
size_t rows_length(const DbRows *rows, int row, int column);

/* The text by the column's name. */
const char *rows_named(const DbRows *rows, int row, const char *column);

/* The first column of the first row, parsed; *json is NULL when it is SQL NULL. */
bool rows_json(const DbRows *rows, cJSON **json, Error *err);

void rows_free(DbRows *rows);

/* For CLEANUP(rows). */
static inline void
cleanup_rows(DbRows **rows)
{
	rows_free(*rows);
}

#endif
