/*
 * cli/operate.c
 *	  leap run, retry, cancel and so on: an operation on one recording; and leap user.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/watch.h"

/* Does the operation, whose function is named like the command, and tells the answer. */
static ExitCode
operate(const Options *options, const char *name, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(free) char *id = NULL;
	CLEANUP(json) cJSON *answer = NULL;
	const char *param;
	char sql[96];
	ExitCode code = EXIT_DONE;

	if (argc != 1)
		return session_usage(name, "name one recording");
	if (!session_open(&session, options, &code) ||
		!session_find(&session, argv[0], &id, &code))
		return code;
	param = id;
	snprintf(sql, sizeof sql, "SELECT leap.%s_recording($1::uuid%s)", name,
			 option_flag(options, OPTION_FORCE) ? ", force => true" : "");
	if (!session_ask(&session, sql, &param, 1, &answer, &code))
		return code;
	if (option_flag(options, OPTION_WATCH))
		return watch_run(&session, id);
	if (session.json)
		session_print_json(answer);
	else
		puts(json_text(answer, "message", "done"));
	return EXIT_DONE;
}

ExitCode
run_command_of(const Options *options, int argc, char **argv)
{
	return operate(options, "run", argc, argv);
}

ExitCode
retry_command(const Options *options, int argc, char **argv)
{
	return operate(options, "retry", argc, argv);
}

ExitCode
cancel_command(const Options *options, int argc, char **argv)
{
	return operate(options, "cancel", argc, argv);
}

ExitCode
pause_command(const Options *options, int argc, char **argv)
{
	return operate(options, "pause", argc, argv);
}

ExitCode
resume_command(const Options *options, int argc, char **argv)
{
	return operate(options, "resume", argc, argv);
}

ExitCode
accept_command(const Options *options, int argc, char **argv)
{
	return operate(options, "accept", argc, argv);
}

ExitCode
delete_command(const Options *options, int argc, char **argv)
{
	return operate(options, "delete", argc, argv);
}

ExitCode
restore_command(const Options *options, int argc, char **argv)
{
	return operate(options, "restore", argc, argv);
}

ExitCode
user_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(json) cJSON *id = NULL;
	const char *full_name = option_text(options, OPTION_FULL_NAME);
	ExitCode code = EXIT_DONE;

	if (argc != 2 || strcmp(argv[0], "add") != 0)
		return session_usage("user", "say \"add\" and an e-mail address");

	const char *params[] = {argv[1], full_name[0] != '\0' ? full_name : NULL,
							option_text(options, OPTION_ROLE)};

	if (!session_open(&session, options, &code) ||
		!session_ask(&session, "SELECT to_jsonb(leap.add_user($1, $2, $3))", params, 3,
					 &id, &code))
		return code;
	if (session.json)
		session_print_json(id);
	else
		printf("user %s added: %s\n", argv[1], cJSON_IsString(id) ? id->valuestring : "");
	return EXIT_DONE;
}
