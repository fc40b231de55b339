/*
 * db/statement.c
 *	  Prepared statements of one connection.
 */
#include "db/statement.h"

#include <stdio.h>
#include <string.h>

Statement *
statement_of(Statement *all, const char *sql)
{
	for (int i = 0; i < STATEMENTS; i++)
	{
		Statement *statement = &all[i];

		if (statement->sql == NULL)
			*statement = (Statement){.sql = sql, .number = i};
		if (statement->sql == sql)
			return statement;
	}
	return NULL;
}

bool
statement_send(PGconn *connection, Statement *statement, const char *const *params,
			   int count)
{
	char name[32];

	snprintf(name, sizeof name, "leap%d_%d", statement->number, statement->generation);
	if (!statement->prepared)
		statement->prepared = PQsendPrepare(connection, name, statement->sql, 0, NULL);
	return statement->prepared &&
		   PQsendQueryPrepared(connection, name, count, params, NULL, NULL, 0);
}

void
statements_lost(Statement *all)
{
	for (int i = 0; i < STATEMENTS; i++)
		all[i].prepared = false;
}

/* 0A: a schema that was deployed anew returns other columns. 26: the server does not know
 * the name. 42: it could not be prepared. */
void
statement_forget(Statement *statement, const PGresult *error)
{
	static const char *const classes[] = {"0A", "26", "42"};
	const char *state = PQresultErrorField(error, PG_DIAG_SQLSTATE);

	if (statement == NULL || state == NULL)
		return;
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (strncmp(state, classes[i], 2) == 0)
		{
			statement->prepared = false;
			statement->generation++;
			return;
		}
}
