/*
 * cli/session.c
 *	  What every command needs.
 */
#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/complaint.h"
#include "cli/text.h"

#define PAUSE_NANOSECONDS 250000000L
#define PATIENT_LOOKS     20

/* An environment variable that says something. */
static const char *
said(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

bool
session_wants_colour(const Options *options)
{
	const char *wish = option_text(options, OPTION_COLOR);
	const char *forced = said("CLICOLOR_FORCE");
	const char *terminal = said("TERM");

	if (strcmp(wish, "auto") != 0)
		return strcmp(wish, "always") == 0;
	if (said("NO_COLOR") != NULL)
		return false;
	if (forced != NULL && strcmp(forced, "0") != 0)
		return true;
	return isatty(STDOUT_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

bool
session_open(Session *session, const Options *options, ExitCode *code)
{
	Error err = {0};

	*session = (Session){
		.options = options,
		.json = option_flag(options, OPTION_JSON),
		.colour = session_wants_colour(options),
	};
	if (db_open(option_text(options, OPTION_DATABASE), "leap", &session->db, &err))
		return true;
	*code = session_error(session, &err);
	return false;
}

void
session_close(Session *session)
{
	db_close(session->db);
	session->db = NULL;
}

ExitCode
session_error(const Session *session, const Error *err)
{
	ExitCode code = complaint_tell("leap", session->file, err);

	if (option_flag(session->options, OPTION_VERBOSE) && !session->json)
		fprintf(stderr, "code: %s\n",
				err->sqlstate[0] != '\0' ? err->sqlstate : err->code);
	return code;
}

ExitCode
session_usage(const char *command, const char *expected)
{
	return complaint_usage(command, expected);
}

bool
session_ask(const Session *session, const char *sql, const char *const *params,
			size_t param_count, cJSON **json, ExitCode *code)
{
	Error err = {0};

	if (db_json(session->db, sql, params, param_count, json, &err))
		return true;
	*code = session_error(session, &err);
	return false;
}

bool
session_find(const Session *session, const char *prefix, char **id, ExitCode *code)
{
	CLEANUP(json) cJSON *found = NULL;

	*id = NULL;
	if (!session_ask(session, "SELECT to_jsonb(leap.find_recording($1))", &prefix, 1,
					 &found, code))
		return false;
	*id = strdup(cJSON_IsString(found) ? found->valuestring : "");
	return true;
}

void
session_print_json(const cJSON *json)
{
	CLEANUP(free) char *text = cJSON_Print(json);

	puts(text != NULL ? text : "null");
}

ExitCode
session_list(const Session *session, const char *sql, const char *const *params,
			 size_t param_count, const char *none,
			 void (*print)(const Session *session, const cJSON *row))
{
	CLEANUP(json) cJSON *rows = NULL;
	ExitCode code = EXIT_DONE;
	const cJSON *row;

	if (!session_ask(session, sql, params, param_count, &rows, &code))
		return code;
	if (session->json)
		session_print_json(rows);
	else if (cJSON_GetArraySize(rows) == 0)
		fprintf(stderr, "%s\n", none);
	else
		cJSON_ArrayForEach(row, rows) print(session, row);
	return EXIT_DONE;
}

ExitCode
session_call(const Session *session, const char *sql, const char *const *params,
			 size_t param_count, const char *path)
{
	CLEANUP(json) cJSON *answer = NULL;
	ExitCode code = EXIT_DONE;

	if (!session_ask(session, sql, params, param_count, &answer, &code))
		return code;
	if (session->json)
		session_print_json(answer);
	else if (path != NULL)
		puts(json_text(answer, path, ""));
	return EXIT_DONE;
}

bool
session_await(const Session *session, const char *sql, const char *id, cJSON **status,
			  ExitCode *code)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};

	for (int looks = 1;; looks++)
	{
		CLEANUP(json) cJSON *now = NULL;

		if (!session_ask(session, sql, &id, 1, &now, code))
			return false;
		if (strcmp(json_text(now, "state", ""), "waiting") != 0)
		{
			*status = now;
			now = NULL;
			return true;
		}
		if (looks == PATIENT_LOOKS && !session->json && !json_bool(now, "begun", false) &&
			!cJSON_IsObject(json_at(now, "last_try")))
			fputs("no worker has begun yet; leap queues shows who serves the queue "
				  "automation\n",
				  stderr);
		(void) nanosleep(&pause, NULL);
	}
}
