/*
 * bench/client/trace.c
 *	  What happened when.
 */
#include "trace.h"

#include <signal.h>
#include <stdio.h>

#include "session.h"

#define MOST 100000

typedef struct Event
{
	char key[40];
	int step;
	const char *what;
	long long at;
} Event;

static Event events[MOST];
static int count;
static volatile sig_atomic_t over;

static void
on_term(int signal_number)
{
	(void) signal_number;
	over = 1;
}

void
trace_begin(void)
{
	const struct sigaction action = {.sa_handler = on_term};

	(void) sigaction(SIGTERM, &action, NULL);
}

bool
trace_is_over(void)
{
	return over != 0;
}

void
trace_add(const char *key, int step, const char *what, long long at)
{
	Event *event = &events[count];

	if (count == MOST)
		session_die("more than %d events", MOST);
	snprintf(event->key, sizeof event->key, "%s", key);
	event->step = step;
	event->what = what;
	event->at = at;
	count++;
}

void
trace_print(void)
{
	for (int i = 0; i < count; i++)
		printf("%s %d %s %lld\n", events[i].key, events[i].step, events[i].what,
			   events[i].at);
}
