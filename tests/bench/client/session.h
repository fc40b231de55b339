/*
 * bench/client/session.h
 *	  A libpq connection for measuring: whatever goes wrong ends the program with a message.
 */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>

/* Connects by PGHOST, PGDATABASE and the like. */
PGconn *session_open(const char *application);

/* Runs one statement and gives its result, which the caller frees with PQclear. */
PGresult *session_query(PGconn *session, const char *sql, int count,
						const char *const *params);

/* Runs one statement whose result does not matter. */
void session_run(PGconn *session, const char *sql);

/* From here on only the two calls below. */
void session_pipeline(PGconn *session);

/* In pipeline mode: sends a statement with a synchronisation point of its own. */
void session_send(PGconn *session, const char *sql, int count, const char *const *params);

/* In pipeline mode: waits for the answer of the oldest statement sent. */
PGresult *session_receive(PGconn *session);

/* Waits at most so many milliseconds for a notification; false when none came. */
bool session_listen(PGconn *session, int milliseconds);

/* Microseconds of the clock that all processes of this machine share. */
long long session_clock(void);

/* Ends the program. */
void session_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
