/*
 * db/pool.h
 *	  A few connections that many requests share: never waits, connects again by itself.
 *
 * A job is a batch of statements that travels in one pipeline with one synchronisation point:
 * a transaction of its own unless it begins with BEGIN. Statements are prepared once per
 * connection and known by their text; what a connection has prepared is bounded, the least
 * recently used goes. A connection has one job at a time; jobs beyond that wait in order.
 *
 * The pool knows no loop: it asks its host to watch sockets, and to call db_pool_work().
 */
#ifndef LEAP_DB_POOL_H
#define LEAP_DB_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "db/rows.h"

typedef struct DbPool DbPool;
typedef struct DbPoolJob DbPoolJob;

typedef struct DbPoolHost
{
	void *(*watch)(void *arg, int fd, bool read, bool write,
				   void (*ready)(void *ready_arg, bool readable, bool writable),
				   void *ready_arg);
	void (*change)(void *watch, bool read, bool write);
	void (*unwatch)(void *watch);
	void *arg;
} DbPoolHost;

typedef struct DbPoolSettings
{
	const char *database; /* as db/connection.h; both texts are kept by reference */
	const char *application;
	size_t connections;  /* and one more, which cancels */
	size_t most_waiting; /* jobs; further ones are answered POOL_FULL */
	double wait_seconds; /* of a job for a connection, then POOL_LATE */
} DbPoolSettings;

typedef struct DbPoolStatement
{
	const char *sql;
	const char *const *values; /* text, of unknown type; NULL is SQL's null */
	size_t count;
} DbPoolStatement;

#define POOL_MOST_STATEMENTS 8

typedef enum DbPoolEnd
{
	POOL_DONE,
	POOL_REFUSED, /* the database answered an error; nothing of the job remains */
	POOL_LOST,    /* the connection ended: whether it happened is unknown */
	POOL_AWAY,    /* no connection: it did not happen */
	POOL_FULL,    /* too many wait: it did not happen */
	POOL_LATE     /* it waited too long for a connection: it did not happen */
} DbPoolEnd;

/* All of it ends with the call. */
typedef struct DbPoolOutcome
{
	DbPoolEnd end;
	const DbRows *const *rows; /* of each statement, with POOL_DONE */
	const char *sqlstate;      /* with POOL_REFUSED; texts as the database wrote them */
	const char *message;
	const char *detail; /* NULL: none */
	const char *hint;   /* NULL: none */
} DbPoolOutcome;

typedef void (*DbPoolAnswer)(void *arg, const DbPoolOutcome *outcome);

DbPool *db_pool_new(const DbPoolSettings *settings, const DbPoolHost *host);

/* Jobs that are not answered never are. */
void db_pool_free(DbPool *pool);

/*
 * Sends the statements, or lets them wait. They, and what they point to, stay the caller's
 * and must live until `answer` is called or the job is dropped. The answer never comes within
 * the call. `hold`: the job begins a transaction, and when all went well the connection
 * waits for db_pool_finish(); after an error it is rolled back by itself.
 */
DbPoolJob *db_pool_run(DbPool *pool, const DbPoolStatement *statements, size_t count,
					   bool hold, DbPoolAnswer answer, void *arg);

/* Ends the transaction of a job that held, within or after its answer: by "COMMIT" or
 * "ROLLBACK", a constant. Its answer comes then. */
void db_pool_finish(DbPoolJob *job, const char *sql, DbPoolAnswer answer, void *arg);

/* The same with a last statement before it; an error of that undoes the transaction. */
void db_pool_finish_with(DbPoolJob *job, const DbPoolStatement *last, const char *sql,
						 DbPoolAnswer answer, void *arg);

/* Nobody wants the answer any more: `answer` is not called, what runs is cancelled, what
 * holds is rolled back. */
void db_pool_drop(DbPoolJob *job);

/* Looks at the clock, and answers what was refused at once: after each turn of the loop. The
 * seconds until it must be called again. */
double db_pool_work(DbPool *pool);

/* Connections that are up, and jobs that wait for one. */
size_t db_pool_up(const DbPool *pool);
size_t db_pool_waiting(const DbPool *pool);

#endif
