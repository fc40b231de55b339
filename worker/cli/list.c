/*
 * cli/list.c
 *	  leap list and leap workers: one line each.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/text.h"

#define SHORT_ID    8
#define BEFORE_NAME 53 /* columns */
#define OWNER       24

/* What people call a state: a hold and a waiting retry are more than the status says. */
static const char *
state_of(const cJSON *recording, char text[TEXT_SIZE])
{
	const char *hold = json_text(recording, "hold", NULL);
	const char *status = json_text(recording, "status", "");

	if (hold != NULL)
		snprintf(text, TEXT_SIZE, "%s, held: %s", status, hold);
	else if (json_bool(recording, "failed", false) && strcmp(status, "FAILED") != 0)
		snprintf(text, TEXT_SIZE, "%s, retries", status);
	else
		snprintf(text, TEXT_SIZE, "%s", status);
	return text;
}

/* In a column of its own; for programs the whole of it where it is longer. */
static void
print_owner(const char *owner, bool cut)
{
	int length = (int) utf8_width(owner);

	text_print(owner, cut ? OWNER : 0);
	printf("%*s", 2 + (length < OWNER ? OWNER - length : 0), "");
}

/* On a terminal the end of the id, which names it as well, and what fits; the whole line
 * for programs. */
static void
print_recording(const Session *session, const cJSON *recording)
{
	const char *id = json_text(recording, "id", "");
	char state[TEXT_SIZE];
	char length[TEXT_SIZE];
	int width = text_width();

	if (width > 0 && strlen(id) > SHORT_ID)
		id += strlen(id) - SHORT_ID;
	/* of everybody's: whose it is */
	bool owner = option_text(session->options, OPTION_USER)[0] == '\0';
	int before = BEFORE_NAME + (owner ? OWNER + 2 : 0);

	printf("%s  %s%-24s%s %4.0f %%  %8s  ", id,
		   text_colour(session->colour, json_text(recording, "status", "")),
		   state_of(recording, state), text_plain(session->colour),
		   json_number(recording, "progress", 0),
		   text_seconds(json_number(recording, "duration", -1), length));
	if (owner)
		print_owner(json_text(recording, "user", ""), width > 0);
	text_print(json_text(recording, "name", ""), width > before ? width - before : 0);
	putchar('\n');
}

ExitCode
list_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	const char *user = option_text(options, OPTION_USER);
	const char *status = option_text(options, OPTION_STATUS);
	char limit[16];
	const char *params[] = {user[0] != '\0' ? user : NULL,
							status[0] != '\0' ? status : NULL, limit};
	ExitCode code = EXIT_DONE;

	(void) argv;
	if (argc != 0)
		return session_usage("list", "it takes no argument");
	snprintf(limit, sizeof limit, "%.0f", option_number(options, OPTION_LIMIT));
	if (!session_open(&session, options, &code))
		return code;
	return session_list(&session, "SELECT leap.recording_list($1, upper($2), $3::int)",
						params, 3, "no recordings; leap add FILE or URL adds one",
						print_recording);
}

/* "upload 4, processing (paused)": with the number of those that have one. */
static void
print_queues(const cJSON *worker)
{
	const cJSON *room = json_at(worker, "room");
	const cJSON *queue;
	const char *comma = "";

	cJSON_ArrayForEach(queue, json_at(worker, "queues"))
	{
		double places = json_number(room, queue->valuestring, 0);
		const cJSON *paused;

		fputs(comma, stdout);
		text_print(queue->valuestring, 0);
		if (places > 0)
			printf(" %.0f", places);
		cJSON_ArrayForEach(paused,
						   json_at(worker, "paused")) if (strcmp(paused->valuestring,
																 queue->valuestring) == 0)
			fputs(" (paused)", stdout);
		comma = ", ";
	}
	putchar('\n');
}

static void
print_worker(const Session *session, const cJSON *worker)
{
	const char *state = json_text(worker, "state", "");
	char silent[TEXT_SIZE];

	printf("%s%-8s%s %2.0f of %2.0f slots  heard %s ago  ",
		   text_colour(session->colour, state), state, text_plain(session->colour),
		   json_number(worker, "running", 0), json_number(worker, "slots", 0),
		   text_seconds(json_number(worker, "silent_seconds", 0), silent));
	text_print(json_text(worker, "name", ""), 0);
	fputs("  ", stdout);
	print_queues(worker);
}

ExitCode
workers_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	ExitCode code = EXIT_DONE;

	(void) argv;
	if (argc != 0)
		return session_usage("workers", "it takes no argument");
	if (!session_open(&session, options, &code))
		return code;
	return session_list(&session, "SELECT leap.worker_list()", NULL, 0,
						"no worker is alive; start one: leap worker", print_worker);
}
