/*
 * db/pool_cancel.c
 *	  Ends statements that nobody waits for any more.
 *
 * By a statement of a connection that does nothing else: libpq's own way would wait. Orders go
 * one by one; those of slots whose turn has not come wait in the slot, and are forgotten when
 * its job ends by itself. A slot takes no further job until the order about it has been carried
 * out, or that would hit the wrong one.
 */
#include <stdio.h>

#include "base/array.h"
#include "db/pool_parts.h"

static void
cancelled(void *arg, const DbPoolOutcome *outcome)
{
	Slot *slot = arg;

	(void) outcome;
	slot->cancelling = false;
	db_pool_dispatch(slot->pool);
}

static void
send_cancel(Slot *control, Slot *slot)
{
	DbPoolJob *job = array_new(1, sizeof *job);

	(void) snprintf(slot->pid, sizeof slot->pid, "%d", PQbackendPID(slot->connection));
	slot->cancel_values[0] = slot->pid;
	job->pool = slot->pool;
	job->count = 1;
	job->statements[0] =
		(DbPoolStatement){.sql = "SELECT pg_catalog.pg_cancel_backend($1)",
						  .values = slot->cancel_values,
						  .count = 1};
	job->answer = cancelled;
	job->arg = slot;
	slot->to_cancel = false;
	slot->cancelling = true;
	slot_send(control, job);
}

void
pool_send_cancels(DbPool *pool)
{
	Slot *control = &pool->slots[pool->slot_count - 1];

	for (Slot *slot = pool->slots; slot < control && control->state == SLOT_IDLE; slot++)
		if (slot->to_cancel && slot->state == SLOT_BUSY && !slot->cancelling)
			send_cancel(control, slot);
}

void
pool_cancel(Slot *slot)
{
	slot->to_cancel = true;
	pool_send_cancels(slot->pool);
}
