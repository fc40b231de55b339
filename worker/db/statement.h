/*
 * db/statement.h
 *	  Prepared statements of one connection.
 *
 * Parsing and planning a call takes the server about as long as a claim does: it is done
 * once. A statement is known by the address of its text: the few texts of a worker are
 * constants.
 */
#ifndef LEAP_DB_STATEMENT_H
#define LEAP_DB_STATEMENT_H

#include <stdbool.h>

#include <libpq-fe.h>

#define STATEMENTS 16

typedef struct Statement
{
	const char *sql; /* NULL: free */
	int number;
	int generation; /* makes the names of its lives differ */
	bool prepared;
} Statement;

/* The entry of a text among STATEMENTS, a new one if it was not called before; NULL when
 * all are taken. */
Statement *statement_of(Statement *all, const char *sql);

/* Sends it in pipeline mode, the order to prepare it before if that was not done. */
bool statement_send(PGconn *connection, Statement *statement, const char *const *params,
					int count);

/* The connection is gone, and what it had prepared. */
void statements_lost(Statement *all);

/* After an error that preparing it again may mend, it is. NULL is taken. */
void statement_forget(Statement *statement, const PGresult *error);

#endif
