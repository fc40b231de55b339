/*
 * task/desk_credential.c
 *	  What children have got from platforms, on its way into the database.
 */
#include "task/desk_credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "task/credential_box.h"

static const char store_sql[] =
	"SELECT leap.store_credential($1::bigint, $2::bigint, $3::int, decode($4, 'base64'), "
	"$5, $6::jsonb)";

#define AGAIN_SECONDS 2.0
/* how long getting a token may take (net/oauth.c), and telling us */
#define RENEW_SECONDS 32.0

/* One content of one credential. The slot may be used by somebody else when the answer
 * comes; serial and seq tell. */
typedef struct Parcel
{
	Desk *desk;
	Slot *slot;
	uint64_t serial;
	int64_t seq;
	char task[24];
	char fence[24];
	char version[16];
	char key_id[SEALED_ID_SIZE];
	char *box;
	char *facts; /* NULL = none */
	bool sent;
	double send_at;
	struct Parcel *next;
} Parcel;

static void
parcel_free(Parcel *parcel)
{
	Desk *desk = parcel->desk;

	for (Parcel **at = &desk->parcels; *at != NULL; at = &(*at)->next)
		if (*at == parcel)
		{
			*at = parcel->next;
			break;
		}
	free(parcel->box);
	free(parcel->facts);
	free(parcel);
}

static void
answer_child(const Parcel *parcel, cJSON *answer)
{
	Slot *slot = parcel->slot;

	json_put(answer, "seq", cJSON_CreateNumber((double) parcel->seq));
	if (slot->serial == parcel->serial && slot->state == SLOT_RUNNING &&
		slot->question.kind == QUESTION_STORE && slot->question.seq == parcel->seq)
		slot_answer_with(slot, answer);
	cJSON_Delete(answer);
}

static void
refuse_child(const Parcel *parcel, const char *reason)
{
	cJSON *answer = cJSON_CreateObject();

	cJSON_AddBoolToObject(answer, "ok", false);
	cJSON_AddStringToObject(answer, "reason", reason);
	answer_child(parcel, answer);
}

static void
on_stored(void *arg, const DbRows *rows, const Error *err)
{
	Parcel *parcel = arg;
	cJSON *answer = NULL;
	Error bad;

	if (err == NULL && !rows_json(rows, &answer, &bad))
		err = &bad;
	parcel->sent = false;
	if (err != NULL && err->class == ERROR_TRANSIENT)
	{
		parcel->send_at = clock_seconds() +
						  (strcmp(err->code, "database_lost") == 0 ? 0 : AGAIN_SECONDS);
		return;
	}
	if (err != NULL)
	{
		log_error("task %s: what a platform gave cannot be stored: %s", parcel->task,
				  err->message);
		refuse_child(parcel, "");
	}
	else
	{
		if (!json_bool(answer, "ok", false))
			log_warning("task %s: what a platform gave is not stored: %s", parcel->task,
						json_text(answer, "reason", "?"));
		answer_child(parcel, answer);
	}
	parcel_free(parcel);
}

/* Makes a parcel of what a child said; the open text goes at once. */
static void
seal(Desk *desk, Slot *slot)
{
	const cJSON *said = slot->question.state;
	Parcel *parcel = array_new(1, sizeof *parcel);
	Error err = {0};

	*parcel = (Parcel){.desk = desk,
					   .slot = slot,
					   .serial = slot->serial,
					   .seq = slot->question.seq,
					   .next = desk->parcels};
	desk->parcels = parcel;
	slot->question.sent = true;
	snprintf(parcel->task, sizeof parcel->task, "%s", slot->task);
	snprintf(parcel->fence, sizeof parcel->fence, "%s", slot->fence);
	snprintf(parcel->version, sizeof parcel->version, "%d",
			 (int) json_number(said, "version", 0));
	snprintf(parcel->key_id, sizeof parcel->key_id, "%s",
			 json_text(slot->seal_to, "key_id", ""));
	if (cJSON_IsObject(json_at(said, "facts")))
		parcel->facts = json_print(json_at(said, "facts"));
	if (!sealed_close(json_text(slot->seal_to, "public_key", ""), json_at(said, "data"),
					  &parcel->box, &err))
	{
		log_message(&slot->ids, LOG_LEVEL_ERROR, "task %s: %s", slot->task, err.message);
		refuse_child(parcel, "no_turn");
		parcel_free(parcel);
		return;
	}
	sealed_forget(slot->question.state);
	slot->question.state = NULL;
}

void
credentials_send(Desk *desk)
{
	double now = clock_seconds();

	for (size_t i = 0; i < desk->pool->count; i++)
	{
		Slot *slot = &desk->pool->slots[i];

		if (slot->state != SLOT_FREE && slot->question.kind == QUESTION_STORE &&
			!slot->question.sent)
			seal(desk, slot);
	}
	for (Parcel *parcel = desk->parcels; parcel != NULL; parcel = parcel->next)
	{
		const char *const params[] = {parcel->task, parcel->fence,  parcel->version,
									  parcel->box,  parcel->key_id, parcel->facts};

		if (!parcel->sent && now >= parcel->send_at && link_is_up(desk->link))
			parcel->sent = link_call(desk->link, store_sql, params, 6, on_stored, parcel);
	}
}

void
credential_renewed(Slot *slot, cJSON *answer)
{
	Error err = {0};

	if (answer == NULL)
		answer = cJSON_Parse("{\"ok\":false,\"reason\":\"lost\"}");
	if (!credential_box_answer(slot->settings->credential_keys, answer, &slot->seal_to,
							   &err))
	{
		log_message(&slot->ids, LOG_LEVEL_WARNING, "task %s: %s", slot->task,
					err.message);
		json_put(answer, "ok", cJSON_CreateFalse());
		json_put(answer, "reason", cJSON_CreateString(err.code));
	}
	if (json_bool(answer, "turn", false))
		slot->renew_until = clock_seconds() + RENEW_SECONDS;
	json_put(answer, "seq", cJSON_CreateNumber((double) slot->question.seq));
	slot_answer_with(slot, answer);
	sealed_forget(answer);
}

void
credentials_free(Desk *desk)
{
	while (desk->parcels != NULL)
		parcel_free(desk->parcels);
}
