/*
 * cli/session.c
 *	  What every command needs.
 */
#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/text.h"
#include "db/sqlstate.h"

bool
session_open(Session *session, const Options *options, ExitCode *code)
{
	Error err = {0};

	*session = (Session){
		.options = options,
		.json = option_flag(options, OPTION_JSON),
		.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL,
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

/* A message may quote what somebody else wrote. */
static void
say(const char *label, const char *text)
{
	fputs(label, stderr);
	text_write(stderr, text, 0);
	fputc('\n', stderr);
}

ExitCode
session_error(const Session *session, const Error *err)
{
	say("leap: ", err->message);
	if (err->hint[0] != '\0')
		say("hint: ", err->hint);
	if (option_flag(session->options, OPTION_VERBOSE))
		fprintf(stderr, "code: %s\n",
				err->sqlstate[0] != '\0' ? err->sqlstate : err->code);
	if (session->json)
	{
		CLEANUP(json) cJSON *answer = cJSON_CreateObject();
		cJSON *error = json_of_error(err);

		if (err->sqlstate[0] != '\0')
			cJSON_AddStringToObject(error, "sqlstate", err->sqlstate);
		if (session->file != NULL)
			cJSON_AddStringToObject(answer, "file", session->file);
		cJSON_AddItemToObject(answer, "error", error);
		session_print_json(answer);
	}
	return sqlstate_exit_code(err);
}

ExitCode
session_usage(const char *command, const char *expected)
{
	fprintf(stderr, "leap %s: %s\nhint: leap %s --help\n", command, expected, command);
	return EXIT_USAGE;
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
