/*
 * task/desk_report.c
 *	  Outcomes of the children, on their way to the database.
 *
 * A report whose answer is lost with the connection is sent again. A batch that the
 * database refuses as a whole is sent again one by one, so that one bad result does not
 * hold up the others; one that is refused alone becomes a failure of its task.
 */
#include "task/desk_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

#define MAX_BATCH 64

static const char complete_sql[] = "SELECT * FROM leap.complete($1::jsonb)";
static const char fail_sql[] = "SELECT leap.fail($1, $2, $3::jsonb)";
static const char hand_back_sql[] =
	"SELECT leap.hand_back($1::uuid, $2, $3::text[], $4::text[])";

/* The slots one call is about. Slots stay in place, serials tell whether one was used
 * again meanwhile. */
typedef struct Batch
{
	Desk *desk;
	size_t count;
	Slot *slots[MAX_BATCH];
	uint64_t serials[MAX_BATCH];
} Batch;

static Batch *
batch_new(Desk *desk)
{
	Batch *batch = calloc(1, sizeof *batch);

	if (batch == NULL)
	{
		fputs("out of memory\n", stderr);
		abort();
	}
	batch->desk = desk;
	return batch;
}

static void
batch_add(Batch *batch, Slot *slot)
{
	batch->slots[batch->count] = slot;
	batch->serials[batch->count] = slot->serial;
	batch->count++;
}

static Batch *
batch_of_one(Desk *desk, Slot *slot)
{
	Batch *batch = batch_new(desk);

	batch_add(batch, slot);
	return batch;
}

/* The slot, if it still holds the same task. */
static Slot *
batch_slot(const Batch *batch, size_t i)
{
	return batch->slots[i]->serial == batch->serials[i] &&
				   batch->slots[i]->state != SLOT_FREE
			   ? batch->slots[i]
			   : NULL;
}

static void
log_outcome(const Slot *slot, const char *what, const char *more)
{
	log_message(&slot->ids, LOG_LEVEL_INFO,
				"%s task=%s kind=%s recording=%s attempt=%d seconds=%.1f%s%s", what,
				slot->task, slot->kind, slot->recording, slot->attempt,
				clock_seconds() - slot->started_at, more[0] != '\0' ? " " : "", more);
}

/* Back into the line: soon after a lost connection, later and later otherwise. */
static void
report_later(Slot *slot, const Error *err)
{
	bool lost = strcmp(err->code, "database_lost") == 0;

	slot->state = SLOT_ENDED;
	slot->report_tries++;
	slot->report_at =
		clock_seconds() + (lost ? 0 : clock_backoff(slot->report_tries, 0.5, 10));
	if (!lost)
		log_message(&slot->ids, LOG_LEVEL_WARNING, "task %s: cannot report: %s",
					slot->task, err->message);
}

/* The database refuses the result itself. */
static void
result_refused(Slot *slot, const Error *err)
{
	Error refusal;

	(void) error_set(&refusal, ERROR_PERMANENT, "result_refused",
					 err->hint[0] != '\0' ? err->hint : HINT_BUG,
					 "the database refuses the result: %s", err->message);
	log_message(&slot->ids, LOG_LEVEL_ERROR, "task %s: %s (SQLSTATE %s)", slot->task,
				refusal.message, err->sqlstate);
	cJSON_Delete(slot->outcome);
	slot->outcome = json_of_error(&refusal);
	slot->fate = FATE_FAILED;
	slot->state = SLOT_ENDED;
	slot->report_at = 0;
}

static void
complete_failed(const Batch *batch, const Error *err)
{
	for (size_t i = 0; i < batch->count; i++)
	{
		Slot *slot = batch_slot(batch, i);

		if (slot == NULL)
			continue;
		if (err->class == ERROR_TRANSIENT)
			report_later(slot, err);
		else if (batch->count == 1)
			result_refused(slot, err);
		else
		{
			slot->state = SLOT_ENDED;
			slot->report_alone = true;
		}
	}
}

static void
completed(Slot *slot, const DbRows *rows)
{
	const char *accepted = NULL;
	const char *reason = "the database did not answer";

	for (int row = 0; row < rows_count(rows); row++)
	{
		const char *task = rows_named(rows, row, "task");

		if (task == NULL || strcmp(task, slot->task) != 0)
			continue;
		accepted = rows_named(rows, row, "accepted");
		reason = rows_named(rows, row, "reason");
	}
	if (accepted != NULL && accepted[0] == 't')
		log_outcome(slot, "done", "");
	else
		log_outcome(slot, "lost", reason != NULL ? reason : "");
	slot_release(slot);
}

static void
on_completed(void *arg, const DbRows *rows, const Error *err)
{
	CLEANUP(free) Batch *batch = arg;

	if (err != NULL)
	{
		complete_failed(batch, err);
		return;
	}
	for (size_t i = 0; i < batch->count; i++)
	{
		Slot *slot = batch_slot(batch, i);

		if (slot != NULL)
			completed(slot, rows);
	}
}

static cJSON *
report_of(const Slot *slot)
{
	cJSON *report = cJSON_CreateObject();

	cJSON_AddStringToObject(report, "task", slot->task);
	cJSON_AddStringToObject(report, "fence", slot->fence);
	cJSON_AddItemToObject(report, "result", cJSON_Duplicate(slot->outcome, true));
	return report;
}

/* Sends the batch; its slots wait for the answer then. Takes batch over. What it releases
 * is claimed right behind it, in the same round trip. */
static void
batch_send(Batch *batch, const char *sql, const char *const *params, size_t param_count,
		   LinkAnswer answer)
{
	for (size_t i = 0; i < batch->count; i++)
		batch->slots[i]->state = SLOT_REPORTING;
	batch->desk->claim_at = 0;
	if (link_call(batch->desk->link, sql, params, param_count, answer, batch))
		return;
	for (size_t i = 0; i < batch->count; i++)
		batch->slots[i]->state = SLOT_ENDED;
	free(batch);
}

static void
send_results(Batch *batch)
{
	CLEANUP(json) cJSON *reports = cJSON_CreateArray();
	CLEANUP(free) char *text = NULL;

	for (size_t i = 0; i < batch->count; i++)
		cJSON_AddItemToArray(reports, report_of(batch->slots[i]));
	text = json_print(reports);
	const char *const params[] = {text};

	batch_send(batch, complete_sql, params, 1, on_completed);
}

static void
on_failed(void *arg, const DbRows *rows, const Error *err)
{
	CLEANUP(free) Batch *batch = arg;
	Slot *slot = batch_slot(batch, 0);
	char more[640];

	if (slot == NULL)
		return;
	if (err != NULL && err->class == ERROR_TRANSIENT)
	{
		report_later(slot, err);
		return;
	}
	if (err != NULL)
		log_message(&slot->ids, LOG_LEVEL_ERROR,
					"task %s: the database refuses the failure report: %s", slot->task,
					err->message);
	snprintf(more, sizeof more, "then=%s class=%s code=%s: %s",
			 err == NULL && rows_text(rows, 0, 0) != NULL ? rows_text(rows, 0, 0) : "?",
			 json_text(slot->outcome, "class", "?"),
			 json_text(slot->outcome, "code", "?"),
			 json_text(slot->outcome, "message", "?"));
	log_outcome(slot, "failed", more);
	slot_release(slot);
}

static void
send_failure(Desk *desk, Slot *slot)
{
	CLEANUP(free) char *error = json_print(slot->outcome);
	const char *const params[] = {slot->task, slot->fence, error};

	batch_send(batch_of_one(desk, slot), fail_sql, params, 3, on_failed);
}

static void
on_handed_back(void *arg, const DbRows *rows, const Error *err)
{
	CLEANUP(free) Batch *batch = arg;

	(void) rows;
	for (size_t i = 0; i < batch->count; i++)
	{
		Slot *slot = batch_slot(batch, i);

		if (slot == NULL)
			continue;
		if (err != NULL && err->class == ERROR_TRANSIENT)
		{
			report_later(slot, err);
			continue;
		}
		log_outcome(slot, "handed back", err != NULL ? err->message : "");
		slot_release(slot);
	}
}

static void
send_returns(Batch *batch)
{
	CLEANUP(buffer) Buffer tasks;
	CLEANUP(buffer) Buffer fences;

	buffer_init(&tasks);
	buffer_init(&fences);
	for (size_t i = 0; i < batch->count; i++)
	{
		buffer_printf(&tasks, "%s%s", i == 0 ? "{" : ",", batch->slots[i]->task);
		buffer_printf(&fences, "%s%s", i == 0 ? "{" : ",", batch->slots[i]->fence);
	}
	buffer_puts(&tasks, "}");
	buffer_puts(&fences, "}");
	const char *const params[] = {batch->desk->worker, batch->desk->secret, tasks.data,
								  fences.data};

	batch_send(batch, hand_back_sql, params, 4, on_handed_back);
}

/* All slots of one fate that may travel together. */
static void
send_together(Desk *desk, SlotFate fate, double now, void (*send)(Batch *batch))
{
	Batch *batch = batch_new(desk);

	for (size_t i = 0; i < desk->pool->count && batch->count < MAX_BATCH; i++)
	{
		Slot *slot = &desk->pool->slots[i];

		if (slot->state == SLOT_ENDED && slot->fate == fate && slot->report_at <= now &&
			!slot->report_alone)
			batch_add(batch, slot);
	}
	if (batch->count > 0)
		send(batch);
	else
		free(batch);
}

void
report_outcomes(Desk *desk, double now)
{
	for (size_t i = 0; i < desk->pool->count; i++)
	{
		Slot *slot = &desk->pool->slots[i];

		if (slot->state != SLOT_ENDED || slot->report_at > now)
			continue;
		if (slot->fate == FATE_LOST)
		{
			log_outcome(slot, "ended", "without its lease");
			slot_release(slot);
		}
		else if (slot->fate == FATE_FAILED)
			send_failure(desk, slot);
		else if (slot->report_alone)
			send_results(batch_of_one(desk, slot));
	}
	send_together(desk, FATE_DONE, now, send_results);
	send_together(desk, FATE_RETURNED, now, send_returns);
}
