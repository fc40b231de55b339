/*
 * bench/client/chain.c
 *	  Workers that do nothing but claim and complete, in batches, as fast as they can.
 *
 * Each says "ready", waits for a line on standard input and works until it is terminated.
 * Completion and the next claim travel together, each a transaction of its own, as a real
 * worker sends them.
 */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "protocol.h"
#include "session.h"

#define IDLE_MILLISECONDS 5
#define BEAT_MICROSECONDS 5000000

/* Completes what was claimed and claims again; the heartbeat in between, when nothing is
 * held, has no task to name. */
static PGresult *
next_batch(PGconn *session, const Identity *me, const char *batch, const Buffer *reports,
		   bool beat)
{
	protocol_send_complete(session, reports);
	if (beat)
		protocol_send_heartbeat(session, me);
	protocol_send_claim(session, me, batch);
	protocol_require_acceptance(session_receive(session));
	if (beat)
		PQclear(session_receive(session));
	return session_receive(session);
}

static PGresult *
claim(PGconn *session, const Identity *me, const char *batch)
{
	protocol_send_claim(session, me, batch);
	return session_receive(session);
}

int
chain_leap(int argc, char **argv)
{
	const char *batch = argc > 0 ? argv[0] : "100";
	bool real = argc < 2 || strcmp(argv[1], "real") == 0;
	Identity me;
	Buffer reports;
	PGconn *session = protocol_open(&me, batch);
	PGresult *claimed;
	long long beat_at;

	buffer_init(&reports);
	protocol_wait_for_start();
	beat_at = session_clock() + BEAT_MICROSECONDS;
	claimed = claim(session, &me, batch);
	for (;;)
	{
		bool beat = session_clock() >= beat_at;

		protocol_report(&reports, claimed, real);
		if (PQntuples(claimed) == 0)
		{
			PQclear(claimed);
			(void) session_listen(session, IDLE_MILLISECONDS);
			claimed = claim(session, &me, batch);
			continue;
		}
		PQclear(claimed);
		claimed = next_batch(session, &me, batch, &reports, beat);
		if (beat)
			beat_at = session_clock() + BEAT_MICROSECONDS;
	}
}

int
chain_bare(int argc, char **argv)
{
	const char *const batch[] = {argc > 0 ? argv[0] : "1000"};
	PGconn *session = session_open("bench");

	session_pipeline(session);
	protocol_wait_for_start();
	for (;;)
	{
		PGresult *taken;

		session_send(session, "SELECT bench.take($1::int)", 1, batch);
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
