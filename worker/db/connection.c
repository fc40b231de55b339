/*
 * db/connection.c
 *	  A connection for commands: one call at a time, each waits for its answer.
 */
#include "db/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/internal.h"

struct Db
{
	PGconn *connection;
};

static bool
open_with(const char *const *keys, const char *const *values, Db **db, Error *err)
{
	Db *made = calloc(1, sizeof *made);

	*db = NULL;
	if (made == NULL)
		return error_errno(err, "memory", "cannot connect");
	made->connection = PQconnectdbParams(keys, values, 1);
	if (PQstatus(made->connection) != CONNECTION_OK)
	{
		(void) internal_error(made->connection, NULL, err);
		(void) error_set(err, ERROR_TRANSIENT, "database_unreachable",
						 "Name the database with --database, LEAP_DATABASE or PGHOST and "
						 "PGDATABASE; is the server running?",
						 "cannot connect: %s", PQerrorMessage(made->connection));
		db_close(made);
		return false;
	}
	(void) PQsetNoticeReceiver(made->connection, internal_notice, NULL);
	*db = made;
	return true;
}

bool
db_open(const char *database, const char *application, Db **db, Error *err)
{
	const char *keys[INTERNAL_PARAM_COUNT];
	const char *values[INTERNAL_PARAM_COUNT];

	internal_params(database, application, keys, values);
	return open_with(keys, values, db, err);
}

#define MOST_PARAMS 64

bool
db_open_sibling(const Db *db, const char *dbname, Db **sibling, Error *err)
{
	PQconninfoOption *options = PQconninfo(db->connection);
	const char *keys[MOST_PARAMS + 1] = {NULL};
	const char *values[MOST_PARAMS + 1] = {NULL};
	size_t count = 0;
	bool ok;

	for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
	{
		bool is_name = strcmp(o->keyword, "dbname") == 0;

		if ((o->val == NULL && !is_name) || count == MOST_PARAMS)
			continue;
		keys[count] = o->keyword;
		values[count++] = is_name ? dbname : o->val;
	}
	ok = open_with(keys, values, sibling, err);
	PQconninfoFree(options);
	return ok;
}

void
db_close(Db *db)
{
	if (db != NULL)
		PQfinish(db->connection);
	free(db);
}

static bool
take(Db *db, PGresult *result, DbRows **rows, Error *err)
{
	ExecStatusType status = PQresultStatus(result);

	*rows = NULL;
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
		status == PGRES_EMPTY_QUERY)
	{
		*rows = result;
		return true;
	}
	(void) internal_error(db->connection, result, err);
	PQclear(result);
	return false;
}

bool
db_call(Db *db, const char *sql, const char *const *params, size_t param_count,
		DbRows **rows, Error *err)
{
	return take(
		db,
		PQexecParams(db->connection, sql, (int) param_count, NULL, params, NULL, NULL, 0),
		rows, err);
}

bool
db_json(Db *db, const char *sql, const char *const *params, size_t param_count,
		cJSON **json, Error *err)
{
	DbRows *rows;
	bool ok;

	*json = NULL;
	if (!db_call(db, sql, params, param_count, &rows, err))
		return false;
	ok = rows_json(rows, json, err);
	rows_free(rows);
	return ok;
}

bool
db_script(Db *db, const char *sql, Error *err)
{
	DbRows *rows;
	bool ok = take(db, PQexec(db->connection, sql), &rows, err);

	rows_free(rows);
	return ok;
}

bool
db_listen(Db *db, const char *channel, Error *err)
{
	char *quoted = PQescapeIdentifier(db->connection, channel, strlen(channel));
	char sql[128];
	bool ok;

	if (quoted == NULL)
		return internal_error(db->connection, NULL, err);
	snprintf(sql, sizeof sql, "LISTEN %s", quoted);
	PQfreemem(quoted);
	ok = db_script(db, sql, err);
	return ok;
}

static bool
hear(Db *db)
{
	bool heard = false;
	PGnotify *bell;

	while ((bell = PQnotifies(db->connection)) != NULL)
	{
		heard = true;
		PQfreemem(bell);
	}
	return heard;
}

bool
db_wait(Db *db, double seconds, bool *heard, Error *err)
{
	return db_wait_or(db, -1, seconds, heard, err);
}

bool
db_wait_or(Db *db, int fd, double seconds, bool *heard, Error *err)
{
	double end = clock_seconds() + seconds;

	for (*heard = hear(db); !*heard; *heard = hear(db))
	{
		struct pollfd inputs[] = {
			{.fd = PQsocket(db->connection), .events = POLLIN},
			{.fd = fd,					   .events = POLLIN}
        };
		double left = end - clock_seconds();

		if (left <= 0)
			return true;
		if (poll(inputs, 2, (int) (left * 1000) + 1) < 0)
			return errno == EINTR ||
				   error_errno(err, "wait_failed", "cannot wait for the database");
		if (!PQconsumeInput(db->connection))
			return internal_error(db->connection, NULL, err);
		if (inputs[1].revents != 0)
			break;
	}
	return true;
}
