/*
 * cli/task.c
 *	  leap tasks, leap task, leap queues and leap queue: what the workers are given to do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/complaint.h"
#include "cli/session.h"
#include "cli/text.h"

#define BEFORE_REASON 62 /* columns */

/* Why a task is where it is: its error, else why it was skipped or cancelled. */
static const char *
reason_of(const cJSON *task)
{
	const char *error = json_text(task, "error.message", NULL);

	return error != NULL ? error : json_text(task, "reason", "");
}

static void
print_task(const Session *session, const cJSON *task)
{
	const char *status = json_text(task, "status", "");
	const char *recording = json_text(task, "recording", "-");
	size_t length = strlen(recording);
	int width = text_width();

	printf("%8s  %-8s  %-10s  %s%-10s%s %3.0f %%  try %.0f  ", json_text(task, "id", ""),
		   length > 8 ? recording + length - 8 : recording, json_text(task, "kind", ""),
		   text_colour(session->colour, status), status, text_plain(session->colour),
		   json_number(task, "progress", 0), json_number(task, "attempt", 0));
	text_print(reason_of(task), width > BEFORE_REASON ? width - BEFORE_REASON : 0);
	putchar('\n');
}

/* The filters as leap.list_tasks() takes them. */
static char *
filters_of(const Options *options, const char *recording)
{
	CLEANUP(json) cJSON *filters = cJSON_CreateObject();
	const char *status = option_text(options, OPTION_STATUS);
	char word[TEXT_SIZE];

	if (recording != NULL)
		cJSON_AddStringToObject(filters, "recording", recording);
	snprintf(word, sizeof word, "%s", status);
	for (char *c = word; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char) (*c - 'a' + 'A');
	if (word[0] != '\0')
		cJSON_AddStringToObject(filters, "status", word);
	return json_print(filters);
}

ExitCode
tasks_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(free) char *id = NULL;
	CLEANUP(free) char *filters = NULL;
	const char *user = option_text(options, OPTION_USER);
	char limit[16];
	ExitCode code = EXIT_DONE;

	if (argc > 1)
		return session_usage("tasks", "name one recording, or none");
	if (!session_open(&session, options, &code) ||
		(argc == 1 && !session_find(&session, argv[0], &id, &code)))
		return code;
	filters = filters_of(options, id);
	snprintf(limit, sizeof limit, "%.0f", option_number(options, OPTION_LIMIT));
	const char *params[] = {user[0] != '\0' ? user : NULL, filters, limit};

	return session_list(&session,
						"SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM "
						"leap.list_tasks($1, $2::jsonb, NULL, $3::int) t",
						params, 3, "no tasks", print_task);
}

/* Every member, one a line; those of an object below its name. */
static void
print_members(const cJSON *object, const char *prefix)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, object)
	{
		char name[TEXT_SIZE];
		CLEANUP(free) char *text = json_print(member);

		if (cJSON_IsNull(member))
			continue;
		snprintf(name, sizeof name, "%s%s", prefix, member->string);
		if (cJSON_IsObject(member) && prefix[0] == '\0')
		{
			puts(name);
			print_members(member, "  ");
			continue;
		}
		printf("%-16s ", name);
		text_print(cJSON_IsString(member) ? member->valuestring : text, 0);
		putchar('\n');
	}
}

ExitCode
task_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(json) cJSON *answer = NULL;
	const char *user = option_text(options, OPTION_USER);
	bool cancel = argc == 2 && strcmp(argv[0], "cancel") == 0;
	ExitCode code = EXIT_DONE;

	if (argc != 2 || (!cancel && strcmp(argv[0], "show") != 0) || argv[1][0] == '\0' ||
		strspn(argv[1], "0123456789") != strlen(argv[1]) || strlen(argv[1]) > 18)
		return session_usage("task", "say \"show\" or \"cancel\" and a task's number");

	const char *params[] = {argv[1], user[0] != '\0' ? user : NULL};

	if (!session_open(&session, options, &code) ||
		!session_ask(&session,
					 cancel
						 ? "SELECT leap.cancel_task($1::bigint, $2)"
						 : "SELECT to_jsonb(t) || jsonb_build_object('recording_name', "
						   "(SELECT r.display_name FROM leap.recordings r WHERE r.id = "
						   "t.recording)) FROM leap.get_task($1::bigint, $2) t",
					 params, 2, &answer, &code))
		return code;
	if (session.json)
		session_print_json(answer);
	else if (cancel)
		puts(json_text(answer, "message", "done"));
	else
		print_members(answer, "");
	return EXIT_DONE;
}

static void
print_queue(const Session *session, const cJSON *queue)
{
	const char *state = json_text(queue, "state", "");
	int workers = (int) json_number(queue, "workers", 0);
	int places = (int) json_number(queue, "places", 0);

	printf("%-12s %s%-8s%s %4.0f ready  %4.0f running  %4.0f scheduled  %d worker%s, "
		   "%d place%s",
		   json_text(queue, "queue", ""), text_colour(session->colour, state), state,
		   text_plain(session->colour), json_number(queue, "ready", 0),
		   json_number(queue, "running", 0), json_number(queue, "scheduled", 0), workers,
		   workers == 1 ? "" : "s", places, places == 1 ? "" : "s");
	if (json_text(queue, "reason", NULL) != NULL)
	{
		fputs("  ", stdout);
		text_print(json_text(queue, "reason", ""), 0);
	}
	putchar('\n');
}

ExitCode
queues_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	ExitCode code = EXIT_DONE;

	(void) argv;
	if (argc != 0)
		return session_usage("queues", "it takes no argument");
	if (!session_open(&session, options, &code))
		return code;
	return session_list(&session, "SELECT leap.queue_list()", NULL, 0, "no queues",
						print_queue);
}

ExitCode
queue_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(json) cJSON *answer = NULL;
	const char *reason = option_text(options, OPTION_REASON);
	bool pause = argc == 2 && strcmp(argv[0], "pause") == 0;
	ExitCode code = EXIT_DONE;

	if (argc != 2)
		return session_usage("queue", "say \"pause\" or \"resume\" and a queue");
	if (!pause && strcmp(argv[0], "resume") != 0)
		return complaint_word("queue", argv[0], "pause or resume");

	const char *params[] = {argv[1], reason[0] != '\0' ? reason : NULL};

	if (!session_open(&session, options, &code) ||
		!session_ask(
			&session,
			pause
				? "SELECT jsonb_build_object('queue', $1::text, 'state', 'paused') FROM "
				  "leap.pause_queue($1, $2)"
				: "SELECT jsonb_build_object('queue', $1::text, 'state', 'running') FROM "
				  "leap.resume_queue($1)",
			params, pause ? 2 : 1, &answer, &code))
		return code;
	if (session.json)
		session_print_json(answer);
	else
		printf("the queue %s %s\n", argv[1], pause ? "is paused" : "goes on");
	return EXIT_DONE;
}
