/*
 * task/desk_question.c
 *	  Questions of the children, to the database and back.
 *
 * A yes is good for as long as a worker may be silent: one that lay unread for longer,
 * because this process was stopped, is a no. Somebody else may have the task.
 */
#include "task/desk_question.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

static const char confirm_sql[] = "SELECT leap.confirm($1, $2)";
static const char checkpoint_sql[] = "SELECT leap.checkpoint($1, $2, $3::jsonb)";

/* A question on its way. Slots stay in place; serial and seq tell whether the answer still
 * meets the child and the question it is for. */
typedef struct Inquiry
{
	Desk *desk;
	Slot *slot;
	uint64_t serial;
	int64_t seq;
} Inquiry;

static Inquiry *
inquiry_new(Desk *desk, Slot *slot)
{
	Inquiry *inquiry = calloc(1, sizeof *inquiry);

	if (inquiry == NULL)
	{
		fputs("out of memory\n", stderr);
		abort();
	}
	*inquiry = (Inquiry){desk, slot, slot->serial, slot->question.seq};
	return inquiry;
}

static bool
is_still_asked(const Inquiry *inquiry)
{
	const Slot *slot = inquiry->slot;

	return slot->serial == inquiry->serial && slot->state == SLOT_RUNNING &&
		   slot->question.kind != QUESTION_NONE && slot->question.sent &&
		   slot->question.seq == inquiry->seq;
}

/* Whether the database may take this worker for dead by now. Its clock for that starts when
 * it gets a heartbeat, ours when we send one. */
static bool
is_unheard(const Desk *desk, double now)
{
	return now >= desk->contact_at + desk->lease_seconds;
}

static void
refuse_unheard(const Desk *desk, Slot *slot, double now)
{
	log_message(
		&slot->ids, LOG_LEVEL_WARNING,
		"task %s may not go on: the database heard of this worker %.0f seconds ago",
		slot->task, now - desk->contact_at);
	slot_answer(slot, false);
}

static void
on_answer(void *arg, const DbRows *rows, const Error *err)
{
	CLEANUP(free) Inquiry *inquiry = arg;
	Slot *slot = inquiry->slot;
	const char *answer = err == NULL ? rows_text(rows, 0, 0) : NULL;
	double now = clock_seconds();

	if (!is_still_asked(inquiry))
		return;
	if (err != NULL && err->class == ERROR_TRANSIENT)
	{
		slot->question.sent = false; /* asked again when the connection is back */
		return;
	}
	if (err != NULL)
		log_message(&slot->ids, LOG_LEVEL_WARNING,
					"task %s: the database refuses an answer: %s", slot->task,
					err->message);
	if (is_unheard(inquiry->desk, now))
		refuse_unheard(inquiry->desk, slot, now);
	else
		slot_answer(slot, answer != NULL && answer[0] == 't');
}

static void
send_question(Desk *desk, Slot *slot)
{
	Inquiry *inquiry = inquiry_new(desk, slot);
	bool confirm = slot->question.kind == QUESTION_CONFIRM;
	CLEANUP(free) char *state = confirm ? NULL : json_print(slot->question.state);
	const char *const params[] = {slot->task, slot->fence, state};

	slot->question.sent = link_call(desk->link, confirm ? confirm_sql : checkpoint_sql,
									params, confirm ? 2 : 3, on_answer, inquiry);
	if (!slot->question.sent)
		free(inquiry);
}

void
questions_send(Desk *desk)
{
	for (size_t i = 0; i < desk->pool->count; i++)
	{
		Slot *slot = &desk->pool->slots[i];

		if (slot->state == SLOT_RUNNING && slot->question.kind != QUESTION_NONE &&
			!slot->question.sent)
			send_question(desk, slot);
	}
}

void
questions_refuse_unheard(Desk *desk, double now)
{
	if (!is_unheard(desk, now))
		return;
	for (size_t i = 0; i < desk->pool->count; i++)
	{
		Slot *slot = &desk->pool->slots[i];

		if (slot->state == SLOT_RUNNING && slot->question.kind != QUESTION_NONE)
			refuse_unheard(desk, slot, now);
	}
}
