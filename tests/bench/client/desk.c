/*
 * bench/client/desk.c
 *	  Workers that wait for work as a real one does and trace when it reaches them.
 *
 * A real worker sleeps until it is notified, or polls after a second; its next claim travels
 * right behind the completion, in the same round trip. So do these. Work takes no time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "commands.h"
#include "protocol.h"
#include "session.h"
#include "trace.h"

#define POLL_MILLISECONDS 1000
#define SLOTS             "4"
#define MOST_KEYS         16

/* topics and subtitles run side by side */
static const char *const kinds[] = {"download", "trim",      "transcribe",
									"topics",   "subtitles", "upload"};
static const int steps[] = {1, 2, 3, 4, 4, 5};

static int
step_of(const char *kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i], kind) == 0)
			return steps[i];
	return 0;
}

/* The tasks that are being worked on. */
typedef struct Held
{
	int count;
	char keys[MOST_KEYS][40];
	int steps[MOST_KEYS];
} Held;

static void
trace_held(const Held *held, const char *what, long long at)
{
	for (int i = 0; i < held->count; i++)
		trace_add(held->keys[i], held->steps[i], what, at);
}

static void
take_leap(Held *held, const PGresult *claimed)
{
	held->count = PQntuples(claimed);
	if (held->count > MOST_KEYS)
		session_die("%d tasks at once", held->count);
	for (int row = 0; row < held->count; row++)
	{
		CLEANUP(json) cJSON *input = cJSON_Parse(protocol_field(claimed, row, "input"));

		snprintf(held->keys[row], sizeof held->keys[row], "%s",
				 json_text(input, "recording.id", ""));
		held->steps[row] = step_of(protocol_field(claimed, row, "kind"));
	}
}

/* Works off what was claimed and all that follows from it. */
static void
work_leap(PGconn *session, const Identity *me, PGresult *claimed)
{
	Buffer reports;

	buffer_init(&reports);
	for (;;)
	{
		long long at = session_clock();
		Held held;

		take_leap(&held, claimed);
		trace_held(&held, "start", at);
		protocol_report(&reports, claimed, true);
		PQclear(claimed);
		if (held.count == 0)
			break;
		trace_held(&held, "end", session_clock());
		protocol_send_complete(session, &reports);
		protocol_send_claim(session, me, SLOTS);
		protocol_require_acceptance(session_receive(session));
		trace_held(&held, "committed", session_clock());
		claimed = session_receive(session);
	}
	buffer_free(&reports);
}

int
desk_leap(int argc, char **argv)
{
	Identity me;
	PGconn *session = protocol_open(&me, SLOTS);

	(void) argc;
	(void) argv;
	protocol_wait_for_start();
	trace_begin();
	while (!trace_is_over())
	{
		if (!session_listen(session, POLL_MILLISECONDS))
		{
			protocol_send_heartbeat(session, &me);
			PQclear(session_receive(session));
		}
		protocol_send_claim(session, &me, SLOTS);
		work_leap(session, &me, session_receive(session));
	}
	trace_print();
	return 0;
}

/* taken: columns id, item, step */
static void
work_bare(PGconn *session, PGresult *taken)
{
	while (PQntuples(taken) > 0)
	{
		long long at = session_clock();
		const char *const ids[] = {PQgetvalue(taken, 0, 0)};
		Held held = {.count = 1};

		snprintf(held.keys[0], sizeof held.keys[0], "%s", PQgetvalue(taken, 0, 1));
		held.steps[0] = (int) strtol(PQgetvalue(taken, 0, 2), NULL, 10);
		trace_held(&held, "start", at);
		trace_held(&held, "end", session_clock());
		session_send(session, "SELECT bench.finish(ARRAY[$1::bigint])", 1, ids);
		session_send(session, "SELECT * FROM bench.take_one()", 0, NULL);
		PQclear(session_receive(session));
		trace_held(&held, "committed", session_clock());
		PQclear(taken);
		taken = session_receive(session);
	}
	PQclear(taken);
}

int
desk_bare(int argc, char **argv)
{
	PGconn *session = session_open("bench");

	(void) argc;
	(void) argv;
	session_run(session, "LISTEN bench");
	session_pipeline(session);
	protocol_wait_for_start();
	trace_begin();
	while (!trace_is_over())
	{
		(void) session_listen(session, POLL_MILLISECONDS);
		session_send(session, "SELECT * FROM bench.take_one()", 0, NULL);
		work_bare(session, session_receive(session));
	}
	trace_print();
	return 0;
}
