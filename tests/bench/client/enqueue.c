/*
 * bench/client/enqueue.c
 *	  Calls a function for one key after the other, at times of its own: whether the last one
 *	  has been worked off does not matter, so that a slow answer hides no waiting.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "session.h"
#include "trace.h"

static void
wait_until(long long at)
{
	long long left = at - session_clock();

	if (left > 0)
		(void) poll(NULL, 0, (int) (left / 1000));
}

int
enqueue_each(int argc, char **argv)
{
	PGconn *session = session_open("bench");
	PGresult *keys;
	long long gap = argc > 2 ? strtoll(argv[2], NULL, 10) * 1000 : 0;
	long long at = session_clock();

	if (gap <= 0)
		session_die("enqueue KEYS_SQL CALL_SQL MILLISECONDS");
	keys = session_query(session, argv[0], 0, NULL);
	srandom(1);
	for (int row = 0; row < PQntuples(keys); row++)
	{
		const char *const key[] = {PQgetvalue(keys, row, 0)};

		/* half the gap to one and a half of it */
		at += gap / 2 + random() % gap;
		wait_until(at);
		trace_add(key[0], 0, "end", session_clock());
		PQclear(session_query(session, argv[1], 1, key));
		trace_add(key[0], 0, "committed", session_clock());
	}
	PQclear(keys);
	trace_print();
	return 0;
}
