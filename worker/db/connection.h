/*
 * db/connection.h
 *	  A connection for commands: one call at a time, each waits for its answer.
 */
#ifndef LEAP_DB_CONNECTION_H
#define LEAP_DB_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "db/rows.h"

typedef struct Db Db;

/* database: connection string or URI, "" = all from PGHOST, PGDATABASE ...; application
 * is shown in pg_stat_activity. Error class transient, code database_unreachable. */
bool db_open(const char *database, const char *application, Db **db, Error *err);
void db_close(Db *db);

/* A second connection like this one, to another database of the same server. */
bool db_open_sibling(const Db *db, const char *dbname, Db **sibling, Error *err);

/* For CLEANUP(db). */
static inline void
cleanup_db(Db **db)
{
	db_close(*db);
}

/*
 * One statement with parameters as text (NULL = SQL NULL). An error carries message,
 * detail, hint and SQLSTATE of the database. The caller frees *rows.
 */
bool db_call(Db *db, const char *sql, const char *const *params, size_t param_count,
			 DbRows **rows, Error *err);

/* The same for a statement that returns one JSON value; *json is NULL for SQL NULL. */
bool db_json(Db *db, const char *sql, const char *const *params, size_t param_count,
			 cJSON **json, Error *err);

/* Several statements without parameters, in one transaction unless they say otherwise. */
bool db_script(Db *db, const char *sql, Error *err);

/* From now on notifications of this channel (a plain identifier) are received. */
bool db_listen(Db *db, const char *channel, Error *err);

/* Waits at most so many seconds for a notification; *heard tells whether one came. A
 * signal ends the wait early. */
bool db_wait(Db *db, double seconds, bool *heard, Error *err);

/* The same, and ends as well when there is something to read from fd, such as a keyboard;
 * -1: no such thing. */
bool db_wait_or(Db *db, int fd, double seconds, bool *heard, Error *err);

#endif
