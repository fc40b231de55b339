/*
 * bench/client/chain.c
 *	  Workers that do nothing but claim and complete, in batches, as fast as they can.
 *
 * Each says "ready", waits for a line on standard input and works until it is terminated.
 * Completion and the next claim travel together, each a transaction of its own, as a real
 * worker sends them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "commands.h"
#include "results.h"
#include "session.h"

#define IDLE_MILLISECONDS 5
#define BEAT_SECONDS      5

typedef struct Identity
{
	char worker[64];
	char secret[128];
} Identity;

static void
wait_for_start(void)
{
	char line[16];

	puts("ready");
	fflush(stdout);
	if (fgets(line, sizeof line, stdin) == NULL)
		exit(0);
}

static void
enter_pipeline(PGconn *session)
{
	if (!PQenterPipelineMode(session))
		session_die("no pipeline: %s", PQerrorMessage(session));
}

static Identity
register_worker(PGconn *session, const char *slots)
{
	const char *const params[] = {slots};
	PGresult *result = session_query(session,
									 "SELECT leap.register_worker('bench', 1, "
									 "'{upload,processing}', $1::int)",
									 1, params);
	CLEANUP(json) cJSON *answer = cJSON_Parse(PQgetvalue(result, 0, 0));
	Identity me;

	snprintf(me.worker, sizeof me.worker, "%s", json_text(answer, "worker", ""));
	snprintf(me.secret, sizeof me.secret, "%s", json_text(answer, "secret", ""));
	PQclear(result);
	return me;
}

static void
send_claim(PGconn *session, const Identity *me, const char *batch)
{
	const char *const params[] = {me->worker, me->secret, batch};

	session_send(session, "SELECT * FROM leap.claim($1::uuid, $2, $3::int)", 3, params);
}

static void
send_heartbeat(PGconn *session, const Identity *me)
{
	const char *const params[] = {me->worker, me->secret};

	session_send(session, "SELECT * FROM leap.heartbeat($1::uuid, $2, '{}', '{}')", 2,
				 params);
}

/* claimed: columns task, fence, kind, ... */
static void
append_reports(Buffer *out, const PGresult *claimed, bool real)
{
	buffer_clear(out);
	for (int row = 0; row < PQntuples(claimed); row++)
	{
		const char *task = PQgetvalue(claimed, row, 0);

		buffer_printf(out, "%s{\"task\":\"%s\",\"fence\":\"%s\",\"result\":",
					  row == 0 ? "[" : ",", task, PQgetvalue(claimed, row, 1));
		if (real)
			results_append(out, PQgetvalue(claimed, row, 2), task);
		else
			buffer_puts(out, "{}");
		buffer_puts(out, "}");
	}
	buffer_puts(out, "]");
}

/* answer: columns task, accepted, reason */
static void
require_acceptance(PGresult *answer)
{
	for (int row = 0; row < PQntuples(answer); row++)
		if (strcmp(PQgetvalue(answer, row, 1), "t") != 0)
			session_die("task %s was not accepted: %s", PQgetvalue(answer, row, 0),
						PQgetvalue(answer, row, 2));
	PQclear(answer);
}

/* Completes what was claimed and claims again; the heartbeat in between, when nothing is
 * held, has no task to name. */
static PGresult *
next_batch(PGconn *session, const Identity *me, const char *batch, const Buffer *reports,
		   bool beat)
{
	const char *const params[] = {reports->data};

	session_send(session, "SELECT * FROM leap.complete($1::jsonb)", 1, params);
	if (beat)
		send_heartbeat(session, me);
	send_claim(session, me, batch);
	require_acceptance(session_receive(session));
	if (beat)
		PQclear(session_receive(session));
	return session_receive(session);
}

int
chain_leap(int argc, char **argv)
{
	const char *batch = argc > 0 ? argv[0] : "100";
	bool real = argc < 2 || strcmp(argv[1], "real") == 0;
	PGconn *session = session_open("bench");
	Identity me;
	Buffer reports;
	long long beat_at;
	PGresult *claimed;

	buffer_init(&reports);
	session_run(session, "SET synchronous_commit = off"); /* as a worker does */
	me = register_worker(session, batch);
	session_run(session, "LISTEN leap_upload");
	session_run(session, "LISTEN leap_processing");
	enter_pipeline(session);
	wait_for_start();
	beat_at = session_clock() + BEAT_SECONDS * 1000000LL;
	send_claim(session, &me, batch);
	claimed = session_receive(session);
	for (;;)
	{
		bool beat = session_clock() >= beat_at;

		if (PQntuples(claimed) == 0)
		{
			PQclear(claimed);
			(void) session_listen(session, IDLE_MILLISECONDS);
			send_claim(session, &me, batch);
			claimed = session_receive(session);
			continue;
		}
		append_reports(&reports, claimed, real);
		PQclear(claimed);
		claimed = next_batch(session, &me, batch, &reports, beat);
		if (beat)
			beat_at = session_clock() + BEAT_SECONDS * 1000000LL;
	}
}

int
chain_bare(int argc, char **argv)
{
	const char *batch = argc > 0 ? argv[0] : "1000";
	PGconn *session = session_open("bench");
	PGresult *taken;

	enter_pipeline(session);
	wait_for_start();
	for (;;)
	{
		const char *const params[] = {batch};

		session_send(session, "SELECT bench.take($1::int)", 1, params);
		taken = session_receive(session);
		if (PQgetisnull(taken, 0, 0))
			(void) session_listen(session, IDLE_MILLISECONDS);
		else
		{
			const char *const ids[] = {PQgetvalue(taken, 0, 0)};

			session_send(session, "SELECT bench.finish($1::bigint[])", 1, ids);
			PQclear(session_receive(session));
		}
		PQclear(taken);
	}
}
