/*
 * cli/watch_lines.c
 *	  leap watch without a terminal: a line per event, JSON for programs.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/watch.h"

#define SHORT_ID 8

/* The end of an id, which is enough to tell recordings apart. */
static void
print_which(const Watched *row, bool several)
{
	size_t length = strlen(row->id);

	if (several)
		printf("%s  ", length > SHORT_ID ? row->id + length - SHORT_ID : row->id);
}

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

static void
print_json_event(const Watched *row, cJSON *event)
{
	CLEANUP(free) char *line = NULL;

	cJSON_AddStringToObject(event, "recording", row->id);
	line = json_print(event);
	puts(line);
}

/* Prints the events after row->since, which then is the last one's time. */
static bool
print_events(const Session *session, Watched *row, bool several, ExitCode *code)
{
	CLEANUP(json) cJSON *events = NULL;
	const char *params[] = {row->id, row->since};
	cJSON *event;

	if (!session_ask(session, "SELECT leap.event_list($1::uuid, $2::timestamptz)", params,
					 2, &events, code))
		return false;
	cJSON_ArrayForEach(event, events)
	{
		if (session->json)
			print_json_event(row, event);
		else if (strcmp(json_text(event, "to", ""), "blocked") != 0)
		{
			print_which(row, several);
			print_event(event);
		}
		snprintf(row->since, sizeof row->since, "%s", json_text(event, "at", row->since));
	}
	return true;
}

/* Between events: every tenth of a running task, and why nothing moves; each once. */
static void
print_between(Watched *row, bool several)
{
	char line[sizeof row->between] = "";
	const cJSON *task;

	cJSON_ArrayForEach(
		task, json_at(row->now, "tasks")) if (strcmp(json_text(task, "state", ""),
													 "running") == 0 &&
											  json_number(task, "progress", 0) >= 10)
		snprintf(line, sizeof line, "%-11s %d %%", json_text(task, "kind", ""),
				 (int) json_number(task, "progress", 0) / 10 * 10);
	/* that it is held is the end, and told there */
	if (json_at(row->now, "waiting.reason") != NULL &&
		json_at(row->now, "hold.reason") == NULL)
		snprintf(line, sizeof line, "waiting: %s (%s)",
				 json_text(row->now, "waiting.reason", ""),
				 json_text(row->now, "waiting.remedy", ""));
	if (line[0] == '\0' || strcmp(line, row->between) == 0)
		return;
	print_which(row, several);
	printf("%-19s  %-9s ", "", "");
	text_print(line, 0);
	putchar('\n');
	snprintf(row->between, sizeof row->between, "%s", line);
}

bool
watch_lines(const Session *session, Watched *row, bool several, ExitCode *code)
{
	/* what was told to the end is not asked again */
	if (row->ended && row->told)
		return true;
	/* what earlier runs did is history */
	if (row->since[0] == '\0')
		snprintf(row->since, sizeof row->since, "%s",
				 json_text(row->now, "run.started_at", "-infinity"));
	if (!print_events(session, row, several, code))
		return false;
	if (!session->json)
		print_between(row, several);
	fflush(stdout);
	row->told = row->ended;
	return true;
}
