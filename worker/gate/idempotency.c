/*
 * gate/idempotency.c
 *	  Requests with an Idempotency-Key: carried out once, answered as often as they are sent.
 *
 * What decides is in SQL (69_idempotency.sql). A request looks for its answer in a transaction
 * of its own, then is carried out in one that claims the key first and keeps the answer last.
 * A twin that comes at once waits at the key; when the first one has succeeded the twin begins
 * again, and finds the answer. Nobody's requests (logging in) have no key: it is ignored.
 */
#include "gate/idempotency.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"

#define KEY_MOST   200
#define TRIES_MOST 5

#define LOOK \
	"SELECT a.status, a.fields, a.body, a.kept FROM leap.idempotent_answer($1,$2) a"
#define CLAIM "SELECT leap.begin_idempotent($1,$2)"
#define KEEP  "SELECT leap.end_idempotent($1,$2::int,$3,$4)"

static const char *const names[] = {"idempotency-key", "x-idempotency-key"};

/* The key; *differs: it was said twice, and not the same. */
static const Slice *
find_key(const Exchange *exchange, bool *differs)
{
	const Slice *found = NULL;

	*differs = false;
	for (size_t i = 0; i < exchange->head.count; i++)
		for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
		{
			const Field *field = &exchange->head.fields[i];

			if (!slice_is_any_case(field->name, names[n]))
				continue;
			*differs = *differs ||
					   (found != NULL &&
						(found->length != field->value.length ||
						 memcmp(found->at, field->value.at, field->value.length) != 0));
			found = &field->value;
		}
	return found;
}

static bool
is_key(const Slice *key)
{
	for (size_t i = 0; i < key->length; i++)
		if (key->at[i] <= ' ' || key->at[i] > '~')
			return false;
	return key->length > 0 && key->length <= KEY_MOST;
}

static void
digest(Hash *hash, Slice part)
{
	hash_update(hash, part.at, part.length);
	hash_update(hash, "\n", 1);
}

/* What makes it the same request. */
static const char *
hash_of(Request *request, Slice type, Slice content)
{
	const Exchange *exchange = request->exchange;
	char *hex = arena_take(&request->arena, HASH_HEX_SIZE);
	Hash hash;

	hash_begin(&hash);
	digest(&hash, exchange->head.method);
	digest(&hash, exchange->path);
	digest(&hash, exchange->query);
	digest(&hash, type);
	hash_update(&hash, content.at, content.length);
	hash_finish(&hash, hex);
	return hex;
}

void
idempotency_say_content(Request *request, const char *content)
{
	request->key_hash =
		hash_of(request, (Slice){"", 0}, (Slice){content, strlen(content)});
}

bool
idempotency_read(Request *request)
{
	const Exchange *exchange = request->exchange;
	const Slice *type = head_field(&exchange->head, "content-type");
	bool differs;
	const Slice *key = find_key(exchange, &differs);

	if (key == NULL || !slice_is(exchange->head.method, "POST") ||
		request->plan.read_only || request->caller.subject == NULL)
		return true;
	if (differs || !is_key(key))
	{
		request_refuse(request, 422, "LP030", "this is no idempotency key",
					   "A key is said once and has 1 to 200 visible characters.", NULL);
		return false;
	}
	request->key = arena_copy(&request->arena, key->at, key->length);
	request->key_hash = hash_of(request, type != NULL ? *type : (Slice){"", 0},
								(Slice){exchange->body.data, exchange->body.length});
	return true;
}

static DbPoolStatement
statement(Request *request, const char *sql)
{
	const char **values = arena_take(&request->arena, 2 * sizeof *values);

	values[0] = request->key;
	values[1] = request->key_hash;
	return (DbPoolStatement){sql, values, 2};
}

DbPoolStatement
idempotency_claim(Request *request)
{
	return statement(request, CLAIM);
}

static void
replay(Request *request, const DbRows *rows)
{
	RestAnswer answer = {.status = (int) strtol(rows_text(rows, 0, 0), NULL, 10)};

	if (strcmp(rows_text(rows, 0, 3), "t") != 0)
	{
		request_refuse(request, 409, "LP006",
					   "the request was carried out, and its answer is not kept",
					   "It showed a secret, or was too large.", NULL);
		return;
	}
	buffer_init(&answer.fields);
	buffer_puts(&answer.fields, rows_text(rows, 0, 1));
	buffer_puts(&answer.fields, "Idempotency-Replayed: true\r\n");
	answer.body = (Slice){rows_text(rows, 0, 2), rows_length(rows, 0, 2)};
	request_reply(request, &answer);
	buffer_free(&answer.fields);
}

static void
take_look(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;

	request->job = NULL;
	if (outcome->end != POOL_DONE)
		request_refuse_outcome(request, outcome);
	else if (rows_count(outcome->rows[request->main_index]) > 0)
		replay(request, outcome->rows[request->main_index]);
	else
		request->carry_out(request);
}

void
idempotency_look(Request *request, void (*carry_out)(Request *request))
{
	request->carry_out = carry_out;
	request->statement_count = 0;
	request_write_preamble(request, false);
	request->statements[request->statement_count++] = statement(request, LOOK);
	request->job = db_pool_run(request->gate->pool, request->statements,
							   request->statement_count, false, take_look, request);
}

bool
idempotency_lost(Request *request, const DbPoolOutcome *outcome,
				 void (*carry_out)(Request *request))
{
	if (request->key == NULL || outcome->end != POOL_REFUSED ||
		strcmp(outcome->sqlstate, "40001") != 0 || ++request->tries >= TRIES_MOST)
		return false;
	idempotency_look(request, carry_out);
	return true;
}

/* What the database can keep as text; NULL: it is none. */
static const char *
text_of_body(Request *request)
{
	const Slice body = request->answer.body;
	const char *text = arena_copy(&request->arena, body.at, body.length);

	for (const char *at = text; at < text + body.length;)
	{
		const char *before = at;
		uint32_t code = utf8_next(&at);

		if (code == 0 || (code == 0xfffd && at == before + 1))
			return NULL;
	}
	return text;
}

void
idempotency_commit(Request *request, DbPoolAnswer committed)
{
	const char **values = arena_take(&request->arena, 4 * sizeof *values);
	const DbPoolStatement keep = {KEEP, values, 4};

	values[0] = request->key;
	values[1] = arena_printf(&request->arena, "%d", request->answer.status);
	values[2] = request->answer.fields.data;
	values[3] = text_of_body(request);
	db_pool_finish_with(request->job, &keep, "COMMIT", committed, request);
}
