/*
 * cli/operate.c
 *	  leap run, retry, cancel and so on: an operation on one recording.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/watch.h"

/* Calls a function whose first parameter is the recording that argv names, and tells the
 * answer. */
static ExitCode
ask_and_tell(const Options *options, const char *name, const char *sql,
			 const char **params, size_t count, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(free) char *id = NULL;
	CLEANUP(json) cJSON *answer = NULL;
	ExitCode code = EXIT_DONE;

	if (argc != 1)
		return session_usage(name, "name one recording");
	if (!session_open(&session, options, &code) ||
		!session_find(&session, argv[0], &id, &code))
		return code;
	params[0] = id;
	if (!session_ask(&session, sql, params, count, &answer, &code))
		return code;
	if (option_flag(options, OPTION_WATCH))
		return watch_run(&session, id);
	if (session.json)
		session_print_json(answer);
	else
		puts(json_text(answer, "message", "done"));
	return EXIT_DONE;
}

/* An operation whose function is named like the command. */
static ExitCode
operate(const Options *options, const char *name, int argc, char **argv)
{
	const char *params[] = {NULL};
	char sql[96];

	snprintf(sql, sizeof sql, "SELECT leap.%s_recording($1::uuid)", name);
	return ask_and_tell(options, name, sql, params, 1, argc, argv);
}

ExitCode
run_command_of(const Options *options, int argc, char **argv)
{
	const char *at = option_text(options, OPTION_AT);
	const char *params[] = {
		NULL, option_flag(options, OPTION_FORCE) ? "true" : "false",
		options->given[OPTION_PRIORITY] ? option_text(options, OPTION_PRIORITY) : NULL,
		at[0] != '\0' ? at : NULL};

	return ask_and_tell(options, "run",
						"SELECT leap.run_recording($1::uuid, force => $2::boolean, "
						"priority => $3::int, start_at => leap.start_time($4, $1::uuid))",
						params, 4, argc, argv);
}

ExitCode
prioritize_command(const Options *options, int argc, char **argv)
{
	const char *params[] = {NULL, option_text(options, OPTION_PRIORITY)};

	if (!options->given[OPTION_PRIORITY])
		return session_usage("prioritize", "say --priority=N, from -10 to 10");
	return ask_and_tell(options, "prioritize",
						"SELECT leap.set_priority($1::uuid, $2::int)", params, 2, argc,
						argv);
}

ExitCode
retry_command(const Options *options, int argc, char **argv)
{
	const char *params[] = {NULL, option_text(options, OPTION_PROVIDER)};

	if (option_flag(options, OPTION_ANEW))
		return ask_and_tell(options, "retry", "SELECT leap.retry_anew($1::uuid)", params,
							1, argc, argv);
	if (!options->given[OPTION_PROVIDER])
		return operate(options, "retry", argc, argv);
	return ask_and_tell(options, "retry", "SELECT leap.retry_transcription($1::uuid, $2)",
						params, 2, argc, argv);
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
unpublish_command(const Options *options, int argc, char **argv)
{
	const char *target = option_text(options, OPTION_TARGET);
	const char *params[] = {NULL, target[0] != '\0' ? target : NULL};

	return ask_and_tell(options, "unpublish", "SELECT leap.unpublish($1::uuid, $2)",
						params, 2, argc, argv);
}

ExitCode
delete_command(const Options *options, int argc, char **argv)
{
	const char *params[] = {NULL};

	return ask_and_tell(
		options, "delete",
		"SELECT a || jsonb_build_object('message', format('%s; leap restore brings it "
		"back for %s', a->>'message', make_interval(days => "
		"leap.restore_days($1::uuid)))) FROM "
		"leap.delete_recording($1::uuid) a",
		params, 1, argc, argv);
}

ExitCode
restore_command(const Options *options, int argc, char **argv)
{
	return operate(options, "restore", argc, argv);
}

ExitCode
purge_command(const Options *options, int argc, char **argv)
{
	return operate(options, "purge", argc, argv);
}

ExitCode
expire_command(const Options *options, int argc, char **argv)
{
	const char *at = option_text(options, OPTION_AT);
	const char *params[] = {NULL, at[0] != '\0' ? at : NULL};

	return ask_and_tell(
		options, "expire",
		"SELECT a || jsonb_build_object('message', CASE WHEN a->>'expire_at' IS NULL "
		"THEN "
		"'it does not expire' ELSE 'it expires at ' || (a->>'expire_at') END) FROM "
		"leap.set_expiry($1::uuid, leap.start_time($2, $1::uuid)) a",
		params, 2, argc, argv);
}
