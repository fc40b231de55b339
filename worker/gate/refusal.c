/*
 * gate/refusal.c
 *	  Tells the audit log what was refused.
 *
 * An error takes everything with it that its transaction wrote, so this is a transaction of
 * its own after the refused one, as the gateway itself, with the claims and fields of the same
 * request. Nobody waits for it; a database without the log is not asked.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "gate/request.h"

#define SETTINGS                                                                    \
	"SELECT set_config('request.jwt.claims',$1,true), "                             \
	"set_config('request.headers',$2,true), set_config('request.method',$3,true), " \
	"set_config('request.path',$4,true), set_config('request.function',$5,true)"
#define NOTE "SELECT leap.audit_refusal($1,$2,$3,$4,$5)"

/* Under way at a time; a flood of refusals must not hold up requests. */
#define MOST_NOTES 32

typedef struct Refusal
{
	Gate *gate;
	Arena arena;
	DbPoolStatement statements[2];
	const char *settings[5];
	const char *said[5];
} Refusal;

/* What is a decision about what somebody wanted: LEAP's rules, privileges, proofs of who he is,
 * and constraints. Mistakes of form are not. */
static bool
is_decision(const char *sqlstate)
{
	static const char *const prefixes[] = {"LP",    "23",    "42501",
										   "PT401", "PT403", "PT429"};

	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (strncmp(sqlstate, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* What a known user may not even read. */
static bool
is_forbidden(const Request *request, const char *sqlstate)
{
	return request->caller.authenticated && strcmp(sqlstate, "42501") == 0;
}

static bool
would_write(const Request *request)
{
	static const char *const reading[] = {"GET", "HEAD", "OPTIONS"};

	for (size_t i = 0; i < sizeof reading / sizeof reading[0]; i++)
		if (slice_is(request->exchange->head.method, reading[i]))
			return false;
	return !request->plan.read_only;
}

/* The id of "?id=eq.ID", NULL: the query names none. */
static const char *
id_of_query(Arena *arena, Slice query)
{
	static const char key[] = "id=eq.";
	const size_t length = sizeof key - 1;

	for (size_t at = 0; at + length < query.length; at++)
	{
		size_t end = at + length;

		if ((at > 0 && query.at[at - 1] != '&') ||
			memcmp(query.at + at, key, length) != 0)
			continue;
		while (end < query.length && query.at[end] != '&')
			end++;
		return arena_copy(arena, query.at + at + length, end - at - length);
	}
	return NULL;
}

static void
noted(void *arg, const DbPoolOutcome *outcome)
{
	Refusal *refusal = arg;

	if (outcome->end == POOL_REFUSED)
		log_error("a refusal is missing in the audit log: %s", outcome->message);
	else if (outcome->end != POOL_DONE)
		log_error("a refusal is missing in the audit log: no answer of the database");
	refusal->gate->notes--;
	arena_free(&refusal->arena);
	free(refusal);
}

/* said: action, type and id of what it is about, code, message; NULL: read from the request. */
static void
note(Request *request, const char *claims, const char *function,
	 const char *const said[5])
{
	const Exchange *exchange = request->exchange;
	Refusal *refusal;
	Arena *arena;

	if (request->view == NULL || !request->view->has_log)
		return;
	if (request->gate->notes >= MOST_NOTES)
	{
		log_warning("a refusal is missing in the audit log: too many at once");
		return;
	}
	refusal = array_new(1, sizeof *refusal);
	refusal->gate = request->gate;
	arena = &refusal->arena;
	refusal->settings[0] = arena_text(arena, claims);
	refusal->settings[1] = arena_text(arena, request_headers_json(request));
	refusal->settings[2] =
		arena_copy(arena, exchange->head.method.at, exchange->head.method.length);
	refusal->settings[3] = arena_copy(arena, exchange->path.at, exchange->path.length);
	refusal->settings[4] = arena_text(arena, function);
	for (size_t i = 0; i < 5; i++)
		refusal->said[i] = said[i] != NULL ? arena_text(arena, said[i]) : NULL;
	refusal->statements[0] = (DbPoolStatement){SETTINGS, refusal->settings, 5};
	refusal->statements[1] = (DbPoolStatement){NOTE, refusal->said, 5};
	refusal->gate->notes++;
	(void) db_pool_run(refusal->gate->pool, refusal->statements, 2, false, noted,
					   refusal);
}

void
request_note_refusal(Request *request, const char *sqlstate, const char *message)
{
	const RestPlan *plan = &request->plan;
	const char *const said[5] = {NULL, NULL,
								 id_of_query(&request->arena, request->exchange->query),
								 sqlstate, message};

	if (!is_decision(sqlstate) || request->caller.claims == NULL ||
		(!would_write(request) && !is_forbidden(request, sqlstate)))
		return;
	note(request, request->caller.claims,
		 request->planned && plan->routed && plan->function != NULL ? plan->function->name
																	: "",
		 said);
}

void
request_note_stranger(Request *request, const char *code, const char *message)
{
	const char *const said[5] = {"authenticate",
								 request->proof != NULL ? request->proof : "token", NULL,
								 code, message};

	note(request, "{}", "", said);
}
