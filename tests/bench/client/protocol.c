/*
 * bench/client/protocol.c
 *	  What both kinds of worker of LEAP say to the database.
 */
#include "protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "results.h"
#include "session.h"

void
protocol_wait_for_start(void)
{
	char line[16];

	puts("ready");
	fflush(stdout);
	if (fgets(line, sizeof line, stdin) == NULL)
		exit(0);
}

PGconn *
protocol_open(Identity *me, const char *slots)
{
	PGconn *session = session_open("bench");
	const char *const params[] = {slots};
	PGresult *result = session_query(session,
									 "SELECT leap.register_worker('bench', 1, "
									 "'{upload,processing}', $1::int)",
									 1, params);
	CLEANUP(json) cJSON *answer = cJSON_Parse(PQgetvalue(result, 0, 0));

	snprintf(me->worker, sizeof me->worker, "%s", json_text(answer, "worker", ""));
	snprintf(me->secret, sizeof me->secret, "%s", json_text(answer, "secret", ""));
	PQclear(result);
	session_run(session, "SET synchronous_commit = off"); /* as a worker does */
	session_run(session, "LISTEN leap_upload");
	session_run(session, "LISTEN leap_processing");
	session_pipeline(session);
	return session;
}

void
protocol_send_claim(PGconn *session, const Identity *me, const char *wanted)
{
	const char *const params[] = {me->worker, me->secret, wanted};

	session_send(session, "SELECT * FROM leap.claim($1::uuid, $2, $3::int)", 3, params);
}

void
protocol_send_complete(PGconn *session, const Buffer *reports)
{
	const char *const params[] = {reports->data};

	session_send(session, "SELECT * FROM leap.complete($1::jsonb)", 1, params);
}

void
protocol_send_heartbeat(PGconn *session, const Identity *me)
{
	const char *const params[] = {me->worker, me->secret};

	session_send(session, "SELECT * FROM leap.heartbeat($1::uuid, $2, '{}', '{}')", 2,
				 params);
}

const char *
protocol_field(const PGresult *rows, int row, const char *name)
{
	int column = PQfnumber(rows, name);

	if (column < 0)
		session_die("an answer without the column \"%s\"", name);
	return PQgetvalue(rows, row, column);
}

void
protocol_report(Buffer *out, const PGresult *claimed, bool real)
{
	buffer_clear(out);
	for (int row = 0; row < PQntuples(claimed); row++)
	{
		const char *task = protocol_field(claimed, row, "task");

		buffer_printf(out, "%s{\"task\":\"%s\",\"fence\":\"%s\",\"result\":",
					  row == 0 ? "[" : ",", task, protocol_field(claimed, row, "fence"));
		if (real)
			results_append(out, protocol_field(claimed, row, "kind"), task);
		else
			buffer_puts(out, "{}");
		buffer_puts(out, "}");
	}
	buffer_puts(out, "]");
}

void
protocol_require_acceptance(PGresult *answer)
{
	for (int row = 0; row < PQntuples(answer); row++)
		if (strcmp(protocol_field(answer, row, "accepted"), "t") != 0)
			session_die("task %s was not accepted: %s",
						protocol_field(answer, row, "task"),
						protocol_field(answer, row, "reason"));
	PQclear(answer);
}
