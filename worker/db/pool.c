/*
 * db/pool.c
 *	  A few connections that many requests share: jobs, their order and their answers.
 */
#include "db/pool.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "db/pool_parts.h"

/* How long db_pool_work() may be let alone. */
#define TURN_SECONDS 0.25

DbPool *
db_pool_new(const DbPoolSettings *settings, const DbPoolHost *host)
{
	DbPool *pool = array_new(1, sizeof *pool);

	pool->settings = *settings;
	pool->host = *host;
	pool->slot_count = settings->connections + 1;
	pool->slots = array_new(pool->slot_count, sizeof *pool->slots);
	for (size_t i = 0; i < pool->slot_count; i++)
		pool->slots[i].pool = pool;
	return pool;
}

static void
clear_results(DbPoolJob *job)
{
	for (size_t i = 0; i < POOL_MOST_STATEMENTS; i++)
	{
		PQclear(job->rows[i]);
		job->rows[i] = NULL;
	}
	PQclear(job->error);
	job->error = NULL;
}

static void
free_job(DbPoolJob *job)
{
	clear_results(job);
	free(job);
}

static void
free_list(DbPoolJob *job)
{
	while (job != NULL)
	{
		DbPoolJob *next = job->next;

		free_job(job);
		job = next;
	}
}

void
db_pool_free(DbPool *pool)
{
	for (size_t i = 0; i < pool->slot_count; i++)
	{
		Slot *slot = &pool->slots[i];

		if (slot->watch != NULL)
			pool->host.unwatch(slot->watch);
		PQfinish(slot->connection);
		prepared_forget_all(slot);
		if (slot->job != NULL)
			free_job(slot->job);
	}
	free_list(pool->first);
	free_list(pool->refused);
	free(pool->slots);
	free(pool);
}

size_t
db_pool_up(const DbPool *pool)
{
	size_t up = 0;

	for (size_t i = 0; i + 1 < pool->slot_count; i++)
		up += pool->slots[i].state >= SLOT_IDLE;
	return up;
}

size_t
db_pool_waiting(const DbPool *pool)
{
	return pool->waiting;
}

static Slot *
idle_slot(DbPool *pool)
{
	for (size_t i = 0; i + 1 < pool->slot_count; i++)
		if (pool->slots[i].state == SLOT_IDLE && !pool->slots[i].cancelling)
			return &pool->slots[i];
	return NULL;
}

static DbPoolJob *
take_first(DbPool *pool)
{
	DbPoolJob *job = pool->first;

	pool->first = job->next;
	if (pool->first == NULL)
		pool->last = NULL;
	pool->waiting--;
	job->next = NULL;
	return job;
}

void
db_pool_dispatch(DbPool *pool)
{
	Slot *slot;

	pool_send_cancels(pool);
	while (pool->first != NULL && (slot = idle_slot(pool)) != NULL)
		slot_send(slot, take_first(pool));
}

static void
answer(DbPoolJob *job, DbPoolEnd end)
{
	const DbRows *rows[POOL_MOST_STATEMENTS];
	DbPoolOutcome outcome = {.end = end, .rows = rows};

	for (size_t i = 0; i < POOL_MOST_STATEMENTS; i++)
		rows[i] = job->rows[i];
	if (end == POOL_REFUSED)
	{
		outcome.sqlstate = PQresultErrorField(job->error, PG_DIAG_SQLSTATE);
		outcome.message = PQresultErrorField(job->error, PG_DIAG_MESSAGE_PRIMARY);
		outcome.detail = PQresultErrorField(job->error, PG_DIAG_MESSAGE_DETAIL);
		outcome.hint = PQresultErrorField(job->error, PG_DIAG_MESSAGE_HINT);
		if (outcome.sqlstate == NULL) /* libpq's own: the connection is at its end */
			outcome.end = POOL_LOST;
	}
	if (job->answer != NULL)
		job->answer(job->arg, &outcome);
}

static void
refuse(DbPool *pool, DbPoolJob *job, DbPoolEnd end)
{
	job->refusal = end;
	job->next = pool->refused;
	pool->refused = job;
}

DbPoolJob *
db_pool_run(DbPool *pool, const DbPoolStatement *statements, size_t count, bool hold,
			DbPoolAnswer answer_it, void *arg)
{
	DbPoolJob *job = array_new(1, sizeof *job);
	Slot *slot = idle_slot(pool);

	job->pool = pool;
	memcpy(job->statements, statements, count * sizeof *statements);
	job->count = count;
	job->hold = hold;
	job->answer = answer_it;
	job->arg = arg;
	job->since = clock_seconds();
	if (slot != NULL && pool->first == NULL)
		slot_send(slot, job);
	else if (db_pool_up(pool) == 0)
		refuse(pool, job, POOL_AWAY);
	else if (pool->waiting >= pool->settings.most_waiting)
		refuse(pool, job, POOL_FULL);
	else
	{
		*(pool->last != NULL ? &pool->last->next : &pool->first) = job;
		pool->last = job;
		pool->waiting++;
	}
	return job;
}

/* The statements that db_pool_finish() left. */
static void
send_end(DbPoolJob *job)
{
	clear_results(job);
	job->count = job->end_count;
	job->hold = false;
	job->held = false;
	slot_send(job->slot, job);
}

static void
end_by(DbPoolJob *job, const DbPoolStatement *last, const char *sql)
{
	job->end_count = 0;
	if (last != NULL)
		job->statements[job->end_count++] = *last;
	job->statements[job->end_count++] = (DbPoolStatement){.sql = sql};
	job->finishing = true;
}

void
db_pool_finish_with(DbPoolJob *job, const DbPoolStatement *last, const char *sql,
					DbPoolAnswer answer_it, void *arg)
{
	job->answer = answer_it;
	job->arg = arg;
	end_by(job, last, sql);
	if (job->held)
		send_end(job);
	/* else within its answer: sent behind it, the results are still looked at */
}

void
db_pool_finish(DbPoolJob *job, const char *sql, DbPoolAnswer answer_it, void *arg)
{
	db_pool_finish_with(job, NULL, sql, answer_it, arg);
}

/* What was prepared is no longer what the tables are, or is gone: it is prepared again. */
static bool
must_prepare_again(const DbPoolJob *job)
{
	const char *state =
		job->error != NULL ? PQresultErrorField(job->error, PG_DIAG_SQLSTATE) : NULL;
	const char *message = job->error != NULL
							  ? PQresultErrorField(job->error, PG_DIAG_MESSAGE_PRIMARY)
							  : NULL;

	return state != NULL && !job->tried && !job->finishing && job->answer != NULL &&
		   (strcmp(state, "26000") == 0 ||
			(strcmp(state, "0A000") == 0 && message != NULL &&
			 strncmp(message, "cached plan", strlen("cached plan")) == 0));
}

/* The transaction of a job that held is still there, failed or not wanted. */
static void
roll_back(Slot *slot, DbPoolJob *job)
{
	job->answer = NULL;
	slot->job = job;
	job->slot = slot;
	end_by(job, NULL, "ROLLBACK");
	send_end(job);
}

static void
prepare_again(Slot *slot, DbPoolJob *job)
{
	clear_results(job);
	job->tried = job->remains = true;
	slot_send(slot, job);
}

/* The caller looks at the results before the transaction ends. */
static void
hold_job(Slot *slot, DbPoolJob *job)
{
	bool failed = job->error != NULL;

	slot->job = job;
	job->slot = slot;
	slot->state = SLOT_BUSY;
	answer(job, failed ? POOL_REFUSED : POOL_DONE);
	if (failed || (job->answer == NULL && !job->finishing))
		roll_back(slot, job);
	else if (job->finishing)
		send_end(job);
	else
		job->held = true;
}

/* The last statement before the end failed: the end was not reached. */
static void
end_anyway(Slot *slot, DbPoolJob *job)
{
	slot->job = job;
	job->slot = slot;
	slot->state = SLOT_BUSY;
	answer(job, POOL_REFUSED);
	roll_back(slot, job);
}

/* All results of the job are there, and its connection is ready for another one. */
static void
job_done(Slot *slot, DbPoolJob *job)
{
	bool again = must_prepare_again(job);

	slot->stale |= again;
	if (again)
		prepare_again(slot, job);
	else if (job->hold && !job->finishing)
		hold_job(slot, job);
	else if (job->error != NULL && PQtransactionStatus(slot->connection) != PQTRANS_IDLE)
		end_anyway(slot, job);
	else
	{
		answer(job, job->error != NULL ? POOL_REFUSED : POOL_DONE);
		free_job(job);
	}
}

void
db_pool_job_over(Slot *slot, bool lost)
{
	DbPoolJob *job = slot->job;
	DbPool *pool = slot->pool;

	slot->job = NULL;
	slot->to_cancel = false;
	if (!lost)
		slot->state = SLOT_IDLE;
	if (job != NULL)
	{
		job->slot = NULL;
		if (lost)
		{
			answer(job, POOL_LOST);
			free_job(job);
		}
		else
			job_done(slot, job);
	}
	db_pool_dispatch(pool);
}

static bool
remove_from(DbPoolJob **at, DbPoolJob *job)
{
	for (; *at != NULL; at = &(*at)->next)
		if (*at == job)
		{
			*at = job->next;
			return true;
		}
	return false;
}

static void
remove_waiting(DbPool *pool, DbPoolJob *job)
{
	if (remove_from(&pool->refused, job) || !remove_from(&pool->first, job))
		return;
	pool->waiting--;
	pool->last = pool->first;
	while (pool->last != NULL && pool->last->next != NULL)
		pool->last = pool->last->next;
}

void
db_pool_drop(DbPoolJob *job)
{
	job->answer = NULL;
	if (job->slot == NULL)
	{
		remove_waiting(job->pool, job);
		free_job(job);
	}
	else if (job->held)
		roll_back(job->slot, job);
	else if (!job->finishing)
		pool_cancel(job->slot);
}

/* One by one: an answer may drop or refuse others. */
static void
answer_refused(DbPool *pool)
{
	DbPoolJob *job;

	while ((job = pool->refused) != NULL)
	{
		pool->refused = job->next;
		job->next = NULL;
		answer(job, job->refusal);
		free_job(job);
	}
}

static void
refuse_waiting(DbPool *pool, double now)
{
	bool away = db_pool_up(pool) == 0;

	while (pool->first != NULL &&
		   (away || now - pool->first->since > pool->settings.wait_seconds))
		refuse(pool, take_first(pool), away ? POOL_AWAY : POOL_LATE);
}

double
db_pool_work(DbPool *pool)
{
	double now = clock_seconds();

	for (size_t i = 0; i < pool->slot_count; i++)
		slot_work(&pool->slots[i], now);
	refuse_waiting(pool, now);
	answer_refused(pool);
	return TURN_SECONDS;
}
