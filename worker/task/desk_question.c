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
#include "task/desk_credential.h"

static const char confirm_sql[] = "SELECT leap.confirm($1, $2)";
static const char checkpoint_sql[] = "SELECT leap.checkpoint($1, $2, $3::jsonb)";
static const char renew_sql[] =
	"SELECT leap.renew_credential($1::bigint, $2::bigint, $3::int)";

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
	if (slot->question.kind == QUESTION_RENEW)
		credential_renewed(slot, NULL);
	else
		slot_answer(slot, false);
}

/* Yes or no, or what there is of a newer token. */
static void
pass_on(Slot *slot, const DbRows *rows, const Error *err)
{
	const char *answer = err == NULL ? rows_text(rows, 0, 0) : NULL;
	cJSON *newer = NULL;

	if (slot->question.kind != QUESTION_RENEW)
	{
		slot_answer(slot, answer != NULL && answer[0] == 't');
		return;
	}
	if (err == NULL)
		(void) rows_json(rows, &newer, NULL);
	credential_renewed(slot, newer);
}

static void
on_answer(void *arg, const DbRows *rows, const Error *err)
{
	CLEANUP(free) Inquiry *inquiry = arg;
	Slot *slot = inquiry->slot;
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
		pass_on(slot, rows, err);
}

static void
send_question(Desk *desk, Slot *slot)
{
	Inquiry *inquiry = inquiry_new(desk, slot);
	CLEANUP(free) char *state = NULL;
	const char *sql = confirm_sql;

	if (slot->question.kind == QUESTION_CHECKPOINT)
	{
		sql = checkpoint_sql;
		state = json_print(slot->question.state);
	}
	else if (slot->question.kind == QUESTION_RENEW)
	{
		sql = renew_sql;
		state = json_print(json_at(slot->question.state, "version"));
	}
	const char *const params[] = {slot->task, slot->fence, state};

	slot->question.sent =
		link_call(desk->link, sql, params, state == NULL ? 2 : 3, on_answer, inquiry);
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
			slot->question.kind != QUESTION_STORE && !slot->question.sent)
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

		/* what is to be stored goes its own way, and in the end it is */
		if (slot->state == SLOT_RUNNING && slot->question.kind != QUESTION_NONE &&
			slot->question.kind != QUESTION_STORE)
			refuse_unheard(desk, slot, now);
	}
}
