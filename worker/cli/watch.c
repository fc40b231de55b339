/*
 * cli/watch.c
 *	  leap watch: a run until its end. The database is asked four times a second.
 */
#include "cli/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/doubts.h"
#include "cli/screen.h"
#include "cli/text.h"

#define PAUSE_NANOSECONDS 250000000L

/* What is shown of an event; "at" of the last one is where the next look begins. */
static void
print_event(const cJSON *event)
{
	const char *at = json_text(event, "at", "");
	const char *entity = json_text(event, "entity", "");
	const char *kind = json_text(event, "kind", NULL);

	printf("%.19s  %-9s %-11s %s -> %s", at, entity, kind != NULL ? kind : "",
		   json_text(event, "from", "new"), json_text(event, "to", ""));
	if (json_number(event, "attempt", 0) > 1)
		printf("  (try %.0f)", json_number(event, "attempt", 0));
	putchar('\n');
}

/* Prints the events since *since, which then is the last one's time. */
static bool
print_events(const Session *session, const char *id, char since[TEXT_SIZE],
			 ExitCode *code)
{
	CLEANUP(json) cJSON *events = NULL;
	const char *params[] = {id, since};
	const cJSON *event;

	if (!session_ask(session, "SELECT leap.event_list($1::uuid, $2::timestamptz)", params,
					 2, &events, code))
		return false;
	cJSON_ArrayForEach(event, events)
	{
		if (session->json)
		{
			CLEANUP(free) char *line = json_print(event);

			puts(line);
		}
		else if (strcmp(json_text(event, "to", ""), "blocked") != 0)
			print_event(event);
		snprintf(since, TEXT_SIZE, "%s", json_text(event, "at", since));
	}
	fflush(stdout);
	return true;
}

/* Between events: every tenth of a running task, and why nothing moves. last holds what was
 * printed so, to print it once. */
static void
print_between(const cJSON *recording, char last[TEXT_SIZE * 4])
{
	char line[TEXT_SIZE * 4] = "";
	const cJSON *task;

	cJSON_ArrayForEach(
		task, json_at(recording, "tasks")) if (strcmp(json_text(task, "state", ""),
													  "running") == 0 &&
											   json_number(task, "progress", 0) >= 10)
		snprintf(line, sizeof line, "%-11s %d %%", json_text(task, "kind", ""),
				 (int) json_number(task, "progress", 0) / 10 * 10);
	/* that it is held is the end, and told there */
	if (json_at(recording, "waiting.reason") != NULL &&
		json_at(recording, "hold.reason") == NULL)
		snprintf(line, sizeof line, "waiting: %s (%s)",
				 json_text(recording, "waiting.reason", ""),
				 json_text(recording, "waiting.remedy", ""));
	if (line[0] == '\0' || strcmp(line, last) == 0)
		return;
	printf("%-19s  %-9s %s\n", "", "", line);
	fflush(stdout);
	snprintf(last, TEXT_SIZE * 4, "%s", line);
}

/* True when there is nothing more to wait for; *code then tells how it ended. */
static bool
has_ended(const cJSON *recording, ExitCode *code)
{
	const char *state = json_text(recording, "run.state", NULL);

	if (json_at(recording, "hold.reason") != NULL || state == NULL)
		*code = EXIT_REFUSED;
	else if (strcmp(state, "finished") == 0)
		*code = EXIT_DONE;
	else if (strcmp(state, "active") == 0)
		return false;
	else
		*code = EXIT_FAILED;
	return true;
}

/* A message may quote what a recording says of itself. */
static void
tell(const char *label, const char *text)
{
	fputs(label, stderr);
	text_write(stderr, text, 0);
	fputc('\n', stderr);
}

/* A run may leave what is published as it is. */
static void
tell_target(const cJSON *target, const char *id)
{
	if (json_bool(target, "outdated", false))
		printf("published before: %s\nhint: leap run %s publishes what was made since\n",
			   json_text(target, "url", ""), id);
	else
		printf("published: %s\n", json_text(target, "url", ""));
}

static void
tell_hold(const cJSON *recording)
{
	if (!doubts_hold(recording))
	{
		tell("held: ", json_text(recording, "hold.message", ""));
		return;
	}
	fputs("held: until somebody has read its transcript\n", stderr);
	doubts_print(stderr, recording, 0);
}

static void
tell_end(const cJSON *recording, ExitCode code)
{
	const char *id = json_text(recording, "id", "");
	const char *hint = json_text(recording, "error.hint", "");
	const cJSON *target;

	if (code == EXIT_REFUSED && json_at(recording, "hold.reason") == NULL)
		fprintf(stderr, "no run of this recording has begun\nhint: leap run %s\n", id);
	else if (code == EXIT_REFUSED)
	{
		tell_hold(recording);
		fprintf(stderr, "hint: leap %s %s lets it go on, leap cancel ends it\n",
				text_release(recording), id);
	}
	else if (strcmp(json_text(recording, "run.state", ""), "cancelled") == 0)
		fprintf(stderr,
				"cancelled: the run was cancelled\nhint: leap run %s continues it\n", id);
	else if (code == EXIT_FAILED)
	{
		tell("failed: ", json_text(recording, "error.message", "a step failed"));
		tell("hint: ", hint[0] != '\0' ? hint : "leap show tells more");
	}
	else
		cJSON_ArrayForEach(
			target, json_at(recording, "targets")) if (json_text(target, "url", NULL) !=
													   NULL) tell_target(target, id);
}

/* What a watcher remembers from look to look. */
typedef struct Watch
{
	bool live;
	char since[TEXT_SIZE]; /* events after this time are new; "" before the first look */
	char between[TEXT_SIZE * 4]; /* the last line between events */
} Watch;

static bool
look(const Session *session, const char *id, Watch *watch, cJSON **recording,
	 ExitCode *code)
{
	if (!session_ask(session, "SELECT leap.recording_detail($1::uuid)", &id, 1, recording,
					 code))
		return false;
	if (watch->live)
	{
		screen_draw(*recording, session->colour);
		return true;
	}
	/* what earlier runs did is history */
	if (watch->since[0] == '\0')
		snprintf(watch->since, sizeof watch->since, "%s",
				 json_text(*recording, "run.started_at", "-infinity"));
	if (!print_events(session, id, watch->since, code))
		return false;
	if (!session->json)
		print_between(*recording, watch->between);
	return true;
}

ExitCode
watch_run(const Session *session, const char *id)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};
	Watch watch = {.live = !session->json && text_width() > 0};
	ExitCode code = EXIT_DONE;

	if (watch.live)
		screen_begin();
	for (;;)
	{
		CLEANUP(json) cJSON *recording = NULL;
		bool seen = look(session, id, &watch, &recording, &code);

		if (seen && !has_ended(recording, &code) && !screen_interrupted())
		{
			nanosleep(&pause, NULL);
			continue;
		}
		if (watch.live)
			screen_end();
		if (screen_interrupted())
			return EXIT_INTERRUPTED;
		if (seen && !session->json)
			tell_end(recording, code);
		return code;
	}
}

ExitCode
watch_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(free) char *id = NULL;
	CLEANUP(json) cJSON *newest = NULL;
	ExitCode code = EXIT_DONE;

	if (argc > 1)
		return session_usage("watch", "name one recording, or none for the newest");
	if (!session_open(&session, options, &code))
		return code;
	if (argc == 1)
		return session_find(&session, argv[0], &id, &code) ? watch_run(&session, id)
														   : code;
	if (!session_ask(&session, "SELECT leap.recording_list(\"limit\" => 1)", NULL, 0,
					 &newest, &code))
		return code;
	if (cJSON_GetArraySize(newest) == 0)
	{
		fputs("leap watch: there is no recording\nhint: add one: leap add FILE\n",
			  stderr);
		return EXIT_NOT_FOUND;
	}
	return watch_run(&session, json_text(cJSON_GetArrayItem(newest, 0), "id", ""));
}
