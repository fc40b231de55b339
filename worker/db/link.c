/*
 * db/link.c
 *	  A worker's connection: never waits, connects again by itself, pipelines its calls.
 *
 * Three states: waiting for the time of the next try, connecting, up. Every call is sent
 * with a synchronisation point of its own, so an error ends only its own transaction.
 */
#include "db/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/internal.h"
#include "db/statement.h"

#define CONNECT_SECONDS 10.0
/* A call unanswered for so long means a dead connection: noticed before the worker itself is
 * taken for dead (leap.worker_timeout, 20 s), so that it can come back in time. */
#define ANSWER_SECONDS 12.0
#define RETRY_BASE     0.2
#define RETRY_CAP      2.0

typedef enum LinkState
{
	LINK_WAITING,
	LINK_CONNECTING,
	LINK_UP
} LinkState;

typedef struct Call
{
	Statement *statement; /* NULL: not prepared */
	LinkAnswer answer;
	void *arg;
	double sent_at;
	PGresult *result; /* received, its synchronisation point not yet */
	struct Call *next;
} Call;

struct Link
{
	const char *database;
	const char *application;
	LinkEvents events;
	LinkState state;
	PGconn *connection;
	PostgresPollingStatusType connecting;
	int failures;    /* in a row */
	double deadline; /* of the wait or of the connecting */
	bool unsent;     /* libpq has bytes the socket did not take yet */
	Call *first;
	Call *last;
	size_t pending;
	Statement statements[STATEMENTS];
};

Link *
link_new(const char *database, const char *application, const LinkEvents *events)
{
	Link *link = calloc(1, sizeof *link);

	if (link == NULL)
	{
		fputs("out of memory\n", stderr);
		abort();
	}
	link->database = database;
	link->application = application;
	link->events = *events;
	link->state = LINK_WAITING;
	return link;
}

/* Takes the first call off the queue and answers it. */
static void
answer_first(Link *link, const Error *err)
{
	Call *call = link->first;

	link->first = call->next;
	if (link->first == NULL)
		link->last = NULL;
	link->pending--;
	call->answer(call->arg, err == NULL ? call->result : NULL, err);
	PQclear(call->result);
	free(call);
}

static void
go_down(Link *link, const Error *err)
{
	Error lost = *err;
	bool was_up = link->state == LINK_UP;

	lost.class = ERROR_TRANSIENT;
	snprintf(lost.code, sizeof lost.code, "database_lost");
	link->failures++;
	link->state = LINK_WAITING;
	link->deadline =
		clock_seconds() + clock_backoff(link->failures, RETRY_BASE, RETRY_CAP);
	PQfinish(link->connection);
	link->connection = NULL;
	statements_lost(link->statements);
	while (link->first != NULL)
		answer_first(link, &lost);
	if (was_up || link->failures == 1)
		link->events.down(link->events.arg, &lost);
}

static void
go_down_by_libpq(Link *link)
{
	Error err;

	(void) internal_error(link->connection, NULL, &err);
	go_down(link, &err);
}

void
link_reset(Link *link, const char *reason)
{
	Error err;

	(void) error_set(&err, ERROR_TRANSIENT, "database_lost", NULL, "%s", reason);
	if (link->state != LINK_WAITING)
		go_down(link, &err);
}

void
link_free(Link *link)
{
	Error err;

	if (link == NULL)
		return;
	(void) error_set(&err, ERROR_TRANSIENT, "database_lost", NULL, "the program ends");
	link->state = LINK_WAITING;
	while (link->first != NULL)
		answer_first(link, &err);
	PQfinish(link->connection);
	free(link);
}

bool
link_is_up(const Link *link)
{
	return link->state == LINK_UP;
}

size_t
link_pending(const Link *link)
{
	return link->pending;
}

static void
start_connecting(Link *link)
{
	const char *keys[INTERNAL_PARAM_COUNT];
	const char *values[INTERNAL_PARAM_COUNT];

	internal_params(link->database, link->application, keys, values);
	link->connection = PQconnectStartParams(keys, values, 1);
	link->state = LINK_CONNECTING;
	link->connecting = PGRES_POLLING_WRITING;
	link->deadline = clock_seconds() + CONNECT_SECONDS;
	if (PQstatus(link->connection) == CONNECTION_BAD)
		go_down_by_libpq(link);
}

/* Whether the socket is as libpq waits for it: asked earlier, it takes a connection that
 * is still being made for one that is there. */
static bool
is_ready(const Link *link)
{
	struct pollfd fd;
	double ignored;

	link_want(link, &fd, &ignored);
	return poll(&fd, 1, 0) > 0;
}

static void
go_on_connecting(Link *link)
{
	if (is_ready(link))
		link->connecting = PQconnectPoll(link->connection);
	if (link->connecting == PGRES_POLLING_FAILED)
		go_down_by_libpq(link);
	else if (link->connecting == PGRES_POLLING_OK)
	{
		(void) PQsetNoticeReceiver(link->connection, internal_notice, NULL);
		if (PQsetnonblocking(link->connection, 1) != 0 ||
			!PQenterPipelineMode(link->connection))
		{
			go_down_by_libpq(link);
			return;
		}
		link->state = LINK_UP;
		link->failures = 0;
		link->events.up(link->events.arg);
	}
	else if (clock_seconds() > link->deadline)
		link_reset(link, "connecting took too long");
}

bool
link_call(Link *link, const char *sql, const char *const *params, size_t param_count,
		  LinkAnswer answer, void *arg)
{
	Statement *statement;
	Call *call;
	bool sent;

	if (link->state != LINK_UP)
		return false;
	/* a call without parameters is a command of its own text */
	statement = param_count > 0 ? statement_of(link->statements, sql) : NULL;
	sent = statement != NULL
			   ? statement_send(link->connection, statement, params, (int) param_count)
			   : PQsendQueryParams(link->connection, sql, (int) param_count, NULL, params,
								   NULL, NULL, 0);
	if (!sent || !PQpipelineSync(link->connection))
	{
		log_debug("cannot send: %s", PQerrorMessage(link->connection));
		return false;
	}
	call = calloc(1, sizeof *call);
	if (call == NULL)
	{
		fputs("out of memory\n", stderr);
		abort();
	}
	call->statement = statement;
	call->answer = answer;
	call->arg = arg;
	call->sent_at = clock_seconds();
	if (link->last != NULL)
		link->last->next = call;
	else
		link->first = call;
	link->last = call;
	link->pending++;
	link->unsent = true;
	return true;
}

/* Keeps the result of a call; what follows an error only says that it was skipped. */
static void
keep_result(Call *call, PGresult *result)
{
	if (call->result != NULL && PQresultStatus(call->result) == PGRES_FATAL_ERROR)
	{
		PQclear(result);
		return;
	}
	PQclear(call->result);
	call->result = result;
}

/* One result of the pipeline. A synchronisation point ends the call at the head. */
static void
take_result(Link *link, PGresult *result)
{
	Error err;
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_PIPELINE_SYNC)
	{
		keep_result(link->first, result);
		return;
	}
	PQclear(result);
	status = PQresultStatus(link->first->result);
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		answer_first(link, NULL);
	else
	{
		(void) internal_error(link->connection, link->first->result, &err);
		statement_forget(link->first->statement, link->first->result);
		answer_first(link, &err);
	}
}

static void
receive(Link *link)
{
	int empty = 0; /* a NULL parts two calls, two of them mean that nothing came */
	PGnotify *bell;

	while (link->first != NULL && empty < 2 && !PQisBusy(link->connection))
	{
		PGresult *result = PQgetResult(link->connection);

		empty = result == NULL ? empty + 1 : 0;
		if (result != NULL)
			take_result(link, result);
	}
	while ((bell = PQnotifies(link->connection)) != NULL)
	{
		link->events.bell(link->events.arg, bell->relname);
		PQfreemem(bell);
	}
}

static void
transfer(Link *link)
{
	int left = PQflush(link->connection);

	link->unsent = left > 0;
	if (left < 0 || !PQconsumeInput(link->connection) ||
		PQstatus(link->connection) == CONNECTION_BAD)
	{
		go_down_by_libpq(link);
		return;
	}
	receive(link);
	if (link->state != LINK_UP)
		return; /* an answer made someone reset the link */
	if (PQstatus(link->connection) == CONNECTION_BAD)
		go_down_by_libpq(link);
	else if (link->first != NULL &&
			 clock_seconds() > link->first->sent_at + ANSWER_SECONDS)
		link_reset(link, "the database does not answer");
}

void
link_work(Link *link)
{
	if (link->state == LINK_WAITING && clock_seconds() >= link->deadline)
		start_connecting(link);
	else if (link->state == LINK_CONNECTING)
		go_on_connecting(link);
	if (link->state == LINK_UP)
		transfer(link);
}

void
link_want(const Link *link, struct pollfd *fd, double *latest)
{
	*fd = (struct pollfd){.fd = -1};
	*latest = link->deadline;
	if (link->state == LINK_WAITING)
		return;
	fd->fd = PQsocket(link->connection);
	if (link->state == LINK_CONNECTING)
	{
		fd->events = link->connecting == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		return;
	}
	fd->events = (short) (POLLIN | (link->unsent ? POLLOUT : 0));
	*latest = link->first != NULL ? link->first->sent_at + ANSWER_SECONDS
								  : clock_seconds() + ANSWER_SECONDS;
}
