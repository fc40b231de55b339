/*
 * bench/client/until.c
 *	  Waits until the database says that something is so.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "session.h"

/* A pause between two questions, or, when answering takes long, ten times as long. */
#define ASK_MILLISECONDS 5

static void
pause_after(long long answer_microseconds)
{
	long long milliseconds = answer_microseconds / 100;

	(void) poll(NULL, 0,
				milliseconds > ASK_MILLISECONDS ? (int) milliseconds : ASK_MILLISECONDS);
}

int
until_true(int argc, char **argv)
{
	const char *sql = argc > 0 ? argv[0] : "SELECT true";
	long seconds = argc > 1 ? strtol(argv[1], NULL, 10) : 600;
	long long latest = session_clock() + seconds * 1000000LL;
	PGconn *session = session_open("bench until");

	while (session_clock() < latest)
	{
		long long asked_at = session_clock();
		PGresult *answer = session_query(session, sql, 0, NULL);
		bool so = strcmp(PQgetvalue(answer, 0, 0), "t") == 0;

		PQclear(answer);
		if (so)
		{
			printf("%lld\n", session_clock());
			PQfinish(session);
			return 0;
		}
		pause_after(session_clock() - asked_at);
	}
	session_die("waited %ld seconds for: %s", seconds, sql);
}
