/*
 * task/pool_line.c
 *	  What a child says on its control channel.
 */
#include "task/pool_line.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "task/leftover.h"

static void
take_progress(Slot *slot, cJSON *line)
{
	double fraction = json_number(line, "progress", slot->progress);

	slot->progress = fraction < 0 ? 0 : fraction > 1 ? 1 : fraction;
	snprintf(slot->step, sizeof slot->step, "%s", json_text(line, "step", ""));
	slot->progress_new = true;
}

static void
take_question(Slot *slot, QuestionKind kind, cJSON *state, int64_t seq)
{
	sealed_forget(slot->question.state);
	slot->question = (Question){.kind = kind, .seq = seq, .state = state};
}

static void
take_confirm(Slot *slot, cJSON *line)
{
	log_message(&slot->ids, LOG_LEVEL_DEBUG, "task %s asks to go on with: %s", slot->task,
				json_text(line, "confirm", ""));
	take_question(slot, QUESTION_CONFIRM, NULL, json_int64(line, "seq", 0));
}

static void
take_checkpoint(Slot *slot, cJSON *line)
{
	take_question(slot, QUESTION_CHECKPOINT,
				  cJSON_DetachItemFromObjectCaseSensitive(line, "checkpoint"),
				  json_int64(line, "seq", 0));
	leftover_keep(slot->made, slot->question.state);
}

/* The last word of a child; it counts even if the child was asked to end meanwhile,
 * unless its lease is lost. A task that stopped because we said so has not failed. */
static void
take_outcome(Slot *slot, cJSON *line, const char *word, SlotFate fate)
{
	if (slot->fate == FATE_LOST || (fate == FATE_FAILED && slot->fate != FATE_OPEN))
		return;
	cJSON_Delete(slot->outcome);
	slot->outcome = cJSON_DetachItemFromObjectCaseSensitive(line, word);
	slot->fate = fate;
}

static void
take_done(Slot *slot, cJSON *line)
{
	take_outcome(slot, line, "done", FATE_DONE);
}

static void
take_failed(Slot *slot, cJSON *line)
{
	take_outcome(slot, line, "failed", FATE_FAILED);
}

/* {"credential":"renew"} or {"credential":"store","data":{...}}. */
static void
take_credential(Slot *slot, cJSON *line)
{
	bool store = strcmp(json_text(line, "credential", ""), "store") == 0;

	take_question(slot, store ? QUESTION_STORE : QUESTION_RENEW,
				  cJSON_Duplicate(line, true), json_int64(line, "seq", 0));
}

static void
take_made(Slot *slot, cJSON *line)
{
	leftover_note(&slot->made, line);
}

static const struct
{
	const char *member; /* which tells the kind of line */
	void (*take)(Slot *slot, cJSON *line);
} lines[] = {
	{"progress",   take_progress  },
	{"confirm",    take_confirm   },
	{"checkpoint", take_checkpoint},
	{"credential", take_credential},
	{"made",       take_made      },
	{"done",       take_done      },
	{"failed",     take_failed    },
};

static void
read_line(Slot *slot, cJSON *line)
{
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		if (cJSON_GetObjectItemCaseSensitive(line, lines[i].member) != NULL)
		{
			lines[i].take(slot, line);
			return;
		}
	log_message(&slot->ids, LOG_LEVEL_WARNING,
				"task %s: a line on the control channel has no known member", slot->task);
}

void
slot_read_lines(Slot *slot)
{
	for (;;)
	{
		CLEANUP(secret) cJSON *line = control_next(&slot->control);

		if (line == NULL)
			return;
		read_line(slot, line);
	}
}

void
slot_answer(Slot *slot, bool ok)
{
	CLEANUP(json) cJSON *answer = cJSON_CreateObject();

	cJSON_AddNumberToObject(answer, "seq", (double) slot->question.seq);
	cJSON_AddBoolToObject(answer, "ok", ok);
	slot_answer_with(slot, answer);
}

void
slot_answer_with(Slot *slot, const cJSON *answer)
{
	if (slot->question.kind == QUESTION_STORE)
		slot->renew_until = 0;
	control_put(&slot->control, answer);
	control_send(&slot->control);
	sealed_forget(slot->question.state);
	slot->question = (Question){.kind = QUESTION_NONE};
}
