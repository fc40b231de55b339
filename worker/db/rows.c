/*
 * db/rows.c
 *	  The rows a call returned.
 */
#include "db/rows.h"

#include <string.h>

#include <libpq-fe.h>

#include "base/json.h"

int
rows_count(const DbRows *rows)
{
	return PQntuples(rows);
}

const char *
rows_text(const DbRows *rows, int row, int column)
{
	if (row < 0 || row >= PQntuples(rows) || column < 0 || column >= PQnfields(rows) ||
		PQgetisnull(rows, row, column))
		return NULL;
	return PQgetvalue(rows, row, column);
}

size_t
rows_length(const DbRows *rows, int row, int column)
{
	return rows_text(rows, row, column) != NULL ? (size_t) PQgetlength(rows, row, column)
												: 0;
}

const char *
rows_named(const DbRows *rows, int row, const char *column)
{
	/* not PQfnumber: it folds case and unquotes, and "order" needs no quotes here */
	for (int i = 0; i < PQnfields(rows); i++)
		if (strcmp(PQfname(rows, i), column) == 0)
			return rows_text(rows, row, i);
	return NULL;
}

bool
rows_json(const DbRows *rows, cJSON **json, Error *err)
{
	const char *text = rows_text(rows, 0, 0);

	*json = NULL;
	return text == NULL ||
		   json_parse(text, strlen(text), "the answer of the database", json, err);
}

void
rows_free(DbRows *rows)
{
	PQclear(rows);
}
