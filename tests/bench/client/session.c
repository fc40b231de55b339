/*
 * bench/client/session.c
 *	  A libpq connection for measuring.
 */
#include "session.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void
session_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

long long
session_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void
ignore_notice(void *arg, const PGresult *result)
{
	(void) arg;
	(void) result;
}

PGconn *
session_open(const char *application)
{
	const char *const keys[] = {"application_name", NULL};
	const char *const values[] = {application, NULL};
	PGconn *session = PQconnectdbParams(keys, values, 0);

	if (PQstatus(session) != CONNECTION_OK)
		session_die("cannot connect: %s", PQerrorMessage(session));
	(void) PQsetNoticeReceiver(session, ignore_notice, NULL);
	return session;
}

static PGresult *
checked(PGconn *session, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		session_die("%s", PQerrorMessage(session));
	return result;
}

PGresult *
session_query(PGconn *session, const char *sql, int count, const char *const *params)
{
	return checked(session,
				   PQexecParams(session, sql, count, NULL, params, NULL, NULL, 0));
}

void
session_run(PGconn *session, const char *sql)
{
	PQclear(session_query(session, sql, 0, NULL));
}

void
session_pipeline(PGconn *session)
{
	if (!PQenterPipelineMode(session))
		session_die("no pipeline: %s", PQerrorMessage(session));
}

void
session_send(PGconn *session, const char *sql, int count, const char *const *params)
{
	if (!PQsendQueryParams(session, sql, count, NULL, params, NULL, NULL, 0) ||
		!PQpipelineSync(session))
		session_die("cannot send: %s", PQerrorMessage(session));
}

/* A result, the NULL that ends its statement, the synchronisation point. */
PGresult *
session_receive(PGconn *session)
{
	PGresult *result = checked(session, PQgetResult(session));
	PGresult *sync;

	while ((sync = PQgetResult(session)) != NULL)
		PQclear(sync);
	sync = PQgetResult(session);
	if (PQresultStatus(sync) != PGRES_PIPELINE_SYNC)
		session_die("the answers are out of step: %s", PQerrorMessage(session));
	PQclear(sync);
	return result;
}

static bool
heard(PGconn *session)
{
	bool any = false;
	PGnotify *bell;

	while ((bell = PQnotifies(session)) != NULL)
	{
		any = true;
		PQfreemem(bell);
	}
	return any;
}

bool
session_listen(PGconn *session, int milliseconds)
{
	struct pollfd fd = {.fd = PQsocket(session), .events = POLLIN};

	if (heard(session))
		return true;
	if (poll(&fd, 1, milliseconds) <= 0)
		return false;
	if (!PQconsumeInput(session))
		session_die("connection lost: %s", PQerrorMessage(session));
	return heard(session);
}
