/*
 * db/pool_slot.c
 *	  One connection of the pool: connects, sends a job as one pipeline, takes its results.
 *
 * What a job's pipeline will answer is written down when it is sent (Expected), and each
 * result is held against that. Statements that had to go are deallocated before the job, behind
 * a synchronisation point of their own, so that an error of the job cannot undo it.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/internal.h"
#include "db/pool_parts.h"

#define CONNECT_SECONDS 10.0
#define RETRY_BASE      0.1
#define RETRY_CAP       2.0

static void slot_ready(void *arg, bool readable, bool writable);

static void
unwatch(Slot *slot)
{
	if (slot->watch != NULL)
		slot->pool->host.unwatch(slot->watch);
	slot->watch = NULL;
}

static void
watch(Slot *slot, bool read, bool write)
{
	const DbPoolHost *host = &slot->pool->host;

	if (slot->watch == NULL)
		slot->watch = host->watch(host->arg, PQsocket(slot->connection), read, write,
								  slot_ready, slot);
	else
		host->change(slot->watch, read, write);
}

void
slot_lose(Slot *slot)
{
	if (slot->state == SLOT_WAITING)
		return;
	if (slot->failures++ == 0)
		log_warning("a connection to the database ended: %s",
					PQerrorMessage(slot->connection));
	unwatch(slot);
	PQfinish(slot->connection);
	slot->connection = NULL;
	slot->state = SLOT_WAITING;
	slot->deadline =
		clock_seconds() + clock_backoff(slot->failures, RETRY_BASE, RETRY_CAP);
	prepared_forget_all(slot);
	slot->to_cancel = slot->cancelling = slot->broken = slot->stale = false;
	db_pool_job_over(slot, true);
}

static void
start_connecting(Slot *slot)
{
	const char *keys[INTERNAL_PARAM_COUNT];
	const char *values[INTERNAL_PARAM_COUNT];
	const DbPoolSettings *settings = &slot->pool->settings;

	internal_params(settings->database, settings->application, keys, values);
	slot->connection = PQconnectStartParams(keys, values, 1);
	slot->state = SLOT_CONNECTING;
	slot->deadline = clock_seconds() + CONNECT_SECONDS;
	if (slot->connection == NULL || PQstatus(slot->connection) == CONNECTION_BAD)
		slot_lose(slot);
	else
		watch(slot, false, true);
}

/* libpq may open another socket under way: it is watched anew after each step. */
static void
go_on_connecting(Slot *slot)
{
	PostgresPollingStatusType step;

	unwatch(slot);
	step = PQconnectPoll(slot->connection);
	if (step == PGRES_POLLING_READING || step == PGRES_POLLING_WRITING)
	{
		watch(slot, step == PGRES_POLLING_READING, step == PGRES_POLLING_WRITING);
		return;
	}
	if (step != PGRES_POLLING_OK || PQsetnonblocking(slot->connection, 1) != 0 ||
		!PQenterPipelineMode(slot->connection))
	{
		slot_lose(slot);
		return;
	}
	(void) PQsetNoticeReceiver(slot->connection, internal_notice, NULL);
	slot->state = SLOT_IDLE;
	slot->failures = 0;
	watch(slot, true, false);
	db_pool_dispatch(slot->pool);
}

static void
expect(Slot *slot, Expected expected)
{
	slot->expected[slot->expected_count++] = expected;
}

/* An order without a result. */
static bool
send_order(Slot *slot, const char *sql)
{
	expect(slot, (Expected){EXPECT_NOTHING, 0});
	return PQsendQueryParams(slot->connection, sql, 0, NULL, NULL, NULL, NULL, 0) == 1;
}

/* What is prepared no longer fits the tables. */
static bool
forget_stale(Slot *slot)
{
	slot->stale = false;
	for (size_t i = 0; i < POOL_PREPARED; i++)
		slot->prepared[i].ready = false;
	return send_order(slot, "DEALLOCATE ALL");
}

/* What the first try of a job left behind, and what no longer fits the tables; *any: there was
 * something. */
static bool
clean_up(Slot *slot, DbPoolJob *job, bool *any)
{
	bool open = PQtransactionStatus(slot->connection) != PQTRANS_IDLE;
	bool undo = job->remains && open;
	bool ok = true;

	job->remains = false;
	*any = undo || (slot->stale && !open);
	if (undo)
		ok = send_order(slot, "ROLLBACK");
	if (*any && slot->stale)
		ok = ok && forget_stale(slot);
	return ok;
}

/* Finds or makes the prepared statements; false when something could not be sent. */
static bool
resolve(Slot *slot, DbPoolJob *job, Prepared *found[POOL_MOST_STATEMENTS])
{
	bool any;
	bool ok = clean_up(slot, job, &any);

	slot->jobs++;
	for (size_t i = 0; i < job->count; i++)
	{
		char sql[32];
		unsigned evicted;

		found[i] = prepared_of(slot, job->statements[i].sql, &evicted);
		found[i]->sent = false;
		if (evicted == 0)
			continue;
		(void) snprintf(sql, sizeof sql, "DEALLOCATE p%u", evicted);
		ok = ok && send_order(slot, sql);
		any = true;
	}
	if (any)
	{
		ok = ok && PQpipelineSync(slot->connection) == 1;
		slot->syncs++;
	}
	return ok;
}

static bool
send_statement(Slot *slot, const DbPoolStatement *statement, Prepared *prepared,
			   size_t index)
{
	char name[16];

	prepared_name(prepared, name);
	if (!prepared->ready && !prepared->sent)
	{
		if (!PQsendPrepare(slot->connection, name, prepared->sql, 0, NULL))
			return false;
		prepared->sent = true;
		expect(slot, (Expected){EXPECT_PREPARED, (size_t) (prepared - slot->prepared)});
	}
	expect(slot, (Expected){EXPECT_ROWS, index});
	return PQsendQueryPrepared(slot->connection, name, (int) statement->count,
							   statement->values, NULL, NULL, 0) == 1;
}

/* Sends what libpq still has; false: the connection is gone. */
static bool
flush(Slot *slot)
{
	int left = PQflush(slot->connection);

	if (left >= 0)
		watch(slot, true, left > 0);
	return left >= 0;
}

void
slot_send(Slot *slot, DbPoolJob *job)
{
	Prepared *found[POOL_MOST_STATEMENTS];
	bool ok;

	slot->state = SLOT_BUSY;
	slot->job = job;
	job->slot = slot;
	slot->expected_count = slot->expected_at = 0;
	slot->got = false;
	slot->syncs = 1;
	ok = resolve(slot, job, found);
	for (size_t i = 0; ok && i < job->count; i++)
		ok = send_statement(slot, &job->statements[i], found[i], i);
	/* a connection that cannot be written to is found out by db_pool_work(): an answer must not
	 * come within db_pool_run() */
	if (!ok || !PQpipelineSync(slot->connection) || !flush(slot))
		slot->broken = true;
}

static void
take_result(Slot *slot, PGresult *result)
{
	DbPoolJob *job = slot->job;
	Expected expected = slot->expected_at < slot->expected_count
							? slot->expected[slot->expected_at]
							: (Expected){EXPECT_NOTHING, 0};
	ExecStatusType status = PQresultStatus(result);

	slot->got = true;
	if (status == PGRES_FATAL_ERROR && job->error == NULL)
		job->error = result;
	else if (status == PGRES_TUPLES_OK && expected.kind == EXPECT_ROWS)
		job->rows[expected.index] = result;
	else
	{
		if (status == PGRES_COMMAND_OK && expected.kind == EXPECT_PREPARED)
			slot->prepared[expected.index].ready = true;
		PQclear(result);
	}
}

static void
receive(Slot *slot)
{
	int empty =
		0; /* a NULL ends the results of a statement, two mean that nothing came */

	while (slot->syncs > 0 && empty < 2 && !PQisBusy(slot->connection))
	{
		PGresult *result = PQgetResult(slot->connection);

		empty = result == NULL ? empty + 1 : 0;
		if (result == NULL)
		{
			slot->expected_at += slot->got;
			slot->got = false;
		}
		else if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
		{
			PQclear(result);
			slot->syncs--;
		}
		else
			take_result(slot, result);
	}
	if (slot->syncs == 0)
		db_pool_job_over(slot, false);
}

static void
slot_ready(void *arg, bool readable, bool writable)
{
	Slot *slot = arg;

	(void) writable;
	if (slot->state == SLOT_CONNECTING)
	{
		go_on_connecting(slot);
		return;
	}
	if ((readable && !PQconsumeInput(slot->connection)) || !flush(slot) ||
		PQstatus(slot->connection) == CONNECTION_BAD)
	{
		slot_lose(slot);
		return;
	}
	if (slot->state == SLOT_BUSY)
		receive(slot);
	else
		/* an idle server sends notices, or ends */
		while (!PQisBusy(slot->connection))
		{
			PGresult *result = PQgetResult(slot->connection);

			if (result == NULL)
				break;
			PQclear(result);
		}
	if (slot->state != SLOT_WAITING && PQstatus(slot->connection) == CONNECTION_BAD)
		slot_lose(slot);
}

void
slot_work(Slot *slot, double now)
{
	if (slot->state == SLOT_WAITING && now >= slot->deadline)
		start_connecting(slot);
	else if (slot->state == SLOT_CONNECTING && now > slot->deadline)
		slot_lose(slot);
	else if (slot->broken)
		slot_lose(slot);
}
