/*
 * task/desk_beat.c
 *	  The heartbeat: the worker lives, its tasks are so far; the answer brings orders.
 */
#include "task/desk_beat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

/* How often a busy worker tells its progress and asks for orders: a cancelled task is to
 * end within a second, SIGKILL included, even when no notification arrives. */
#define BUSY_BEAT_SECONDS 0.7

static const char heartbeat_sql[] =
	"SELECT * FROM leap.heartbeat($1::uuid, $2, $3::text[], $4::text[], $5::jsonb)";

void
desk_log_problem(const char *what, const Error *err)
{
	log_warning("%s: %s%s%s", what, err->message, err->hint[0] != '\0' ? " — " : "",
				err->hint);
}

void
desk_forget(Desk *desk)
{
	log_warning("the database does not know this worker any more: registering anew");
	desk->worker[0] = '\0';
	desk->secret[0] = '\0';
	for (size_t i = 0; i < desk->pool->count; i++)
		slot_stop(&desk->pool->slots[i], FATE_LOST);
}

static void
obey(Desk *desk, const char *task, const char *order)
{
	for (size_t i = 0; i < desk->pool->count; i++)
	{
		Slot *slot = &desk->pool->slots[i];

		/* begun since the heartbeat was sent: the order is for an earlier claim of it */
		if (slot->state == SLOT_REPORTING || strcmp(slot->task, task) != 0 ||
			slot->fate == FATE_LOST || slot->started_at > desk->beat_sent_at)
			continue;
		log_message(&slot->ids, LOG_LEVEL_INFO,
					"order %s: ending task=%s kind=%s recording=%s", order, slot->task,
					slot->kind, slot->recording);
		if (strcmp(order, "cancel") == 0)
			slot_cancel(slot);
		else
			slot_stop(slot, FATE_LOST);
	}
}

static void
on_heartbeat(void *arg, const DbRows *rows, const Error *err)
{
	Desk *desk = arg;

	desk->beating = false;
	if (err != NULL)
	{
		if (strcmp(err->sqlstate, "LP040") == 0)
		{
			desk_forget(desk);
			link_reset(desk->link, "registering anew");
		}
		else if (desk->registered)
			desk_log_problem("heartbeat failed", err);
		return;
	}
	desk->contact_at = desk->beat_sent_at;
	for (int row = 0; row < rows_count(rows); row++)
	{
		const char *task = rows_named(rows, row, "task");
		const char *order = rows_named(rows, row, "order");

		if (task != NULL && order != NULL)
			obey(desk, task, order);
	}
}

/* What this worker holds. One whose report is on its way belongs to it: the report may be
 * refused for the moment. Tasks and fences are digits: the array literals need no quotes. */
static void
list_tasks(const Desk *desk, Buffer *tasks, Buffer *fences, cJSON *progress)
{
	for (size_t i = 0; i < desk->pool->count; i++)
	{
		Slot *slot = &desk->pool->slots[i];

		if (slot->state == SLOT_FREE || slot->fate == FATE_LOST)
			continue;
		buffer_printf(tasks, "%s%s", tasks->length > 1 ? "," : "", slot->task);
		buffer_printf(fences, "%s%s", fences->length > 1 ? "," : "", slot->fence);
		if (!slot->progress_new)
			continue;
		cJSON *entry = cJSON_CreateObject();

		cJSON_AddStringToObject(entry, "task", slot->task);
		cJSON_AddNumberToObject(entry, "progress", floor(slot->progress * 100));
		cJSON_AddStringToObject(entry, "step", slot->step);
		cJSON_AddItemToArray(progress, entry);
		slot->progress_new = false;
	}
}

void
beat_send(Desk *desk)
{
	CLEANUP(buffer) Buffer tasks;
	CLEANUP(buffer) Buffer fences;
	CLEANUP(json) cJSON *progress = cJSON_CreateArray();
	CLEANUP(free) char *progress_text = NULL;

	buffer_init(&tasks);
	buffer_init(&fences);
	buffer_puts(&tasks, "{");
	buffer_puts(&fences, "{");
	list_tasks(desk, &tasks, &fences, progress);
	buffer_puts(&tasks, "}");
	buffer_puts(&fences, "}");
	progress_text = json_print(progress);
	const char *const params[] = {desk->worker, desk->secret, tasks.data, fences.data,
								  progress_text};

	desk->beat_sent_at = clock_seconds();
	desk->beating = link_call(desk->link, heartbeat_sql, params, 5, on_heartbeat, desk);
	desk->beat_at = desk->beat_sent_at +
					(tasks.length > 2 ? BUSY_BEAT_SECONDS : desk->heartbeat_seconds);
}
