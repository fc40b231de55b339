/*
 * cli/credential.c
 *	  leap credential: access to platforms, by its data or at the page of a platform.
 *
 * Data comes from a file or standard input, never from arguments, and is never shown again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/secret_input.h"
#include "cli/session.h"
#include "cli/text.h"

#define FIND "leap.find_credential($1, $2)"

static const char *
user_of(const Session *session)
{
	const char *user = option_text(session->options, OPTION_USER);

	return user[0] != '\0' ? user : NULL;
}

static void
print_credential(const Session *session, const cJSON *row)
{
	const char *state = json_text(row, "state", "");
	const char *account =
		json_text(row, "facts.title", json_text(row, "facts.account", ""));
	char when[TEXT_SIZE];
	const char *checked = json_text(row, "last_checked_at", NULL);

	printf("%-11s  ", json_text(row, "platform", ""));
	text_print(json_text(row, "account_name", ""), 24);
	printf("  %s%-12s%s  %-23s  ", text_colour(session->colour, state), state,
		   text_plain(session->colour),
		   checked != NULL ? text_time(checked, when) : "never checked");
	text_print(account, 0);
	if (json_text(row, "user", NULL) != NULL)
		printf("  %s", json_text(row, "user", ""));
	putchar('\n');
}

static ExitCode
list(const Session *session, char **words)
{
	const char *params[] = {user_of(session)};

	(void) words;
	return session_list(
		session, "SELECT coalesce(jsonb_agg(c), '[]') FROM leap.credential_list($1) c",
		params, 1, "no credentials; leap credential add or connect makes one",
		print_credential);
}

static ExitCode
show(const Session *session, char **words)
{
	CLEANUP(json) cJSON *answer = NULL;
	const char *params[] = {words[0], user_of(session)};
	ExitCode code = EXIT_DONE;
	const cJSON *use;
	const char *reason;

	if (!session_ask(session, "SELECT leap.get_credential(" FIND ")", params, 2, &answer,
					 &code))
		return code;
	if (session->json)
	{
		session_print_json(answer);
		return EXIT_DONE;
	}
	print_credential(session, answer);
	reason =
		json_text(answer, "reauth_reason", json_text(answer, "last_error.message", NULL));
	if (reason != NULL)
	{
		printf("  ");
		text_print(reason, 0);
		putchar('\n');
	}
	cJSON_ArrayForEach(use, json_at(answer, "used_by")) if (cJSON_IsString(use))
	{
		printf("  used by ");
		text_print(use->valuestring, 0);
		putchar('\n');
	}
	return EXIT_DONE;
}

static ExitCode
tell_credential(const Session *session, const cJSON *answer)
{
	if (session->json)
		session_print_json(answer);
	else
		print_credential(session, answer);
	return EXIT_DONE;
}

/* Of an object that has little more than an id. */
static ExitCode
tell_id(const Session *session, const cJSON *answer, const char *name)
{
	if (session->json)
		session_print_json(answer);
	else
		puts(json_text(answer, name, ""));
	return EXIT_DONE;
}

/* A call with $1 and $2 that says who and whose, $3 the data. */
static ExitCode
send_data(const Session *session, const char *sql, const char *first, const char *second,
		  const char *file, cJSON **answer)
{
	Error err = {0};
	char *data = NULL;
	ExitCode code = EXIT_DONE;

	if (!secret_quiet(session, &code))
		return code;
	data = secret_json(file, &err);
	if (data == NULL)
		return session_error(session, &err);
	const char *params[] = {first, second, data, user_of(session)};

	(void) session_ask(session, sql, params, strstr(sql, "$4") != NULL ? 4 : 3, answer,
					   &code);
	secret_forget(data);
	return code;
}

static ExitCode
add(const Session *session, char **words)
{
	CLEANUP(json) cJSON *answer = NULL;
	ExitCode code = send_data(
		session,
		"SELECT jsonb_build_object('credential', leap.add_credential($1, $2, $3::jsonb, "
		"$4))",
		words[0], words[1], words[2], &answer);

	return code == EXIT_DONE ? tell_id(session, answer, "credential") : code;
}

static ExitCode
change(const Session *session, char **words)
{
	CLEANUP(json) cJSON *answer = NULL;
	ExitCode code = send_data(session,
							  "SELECT leap.change_credential(" FIND ", "
							  "jsonb_build_object('data', $3::jsonb))",
							  words[0], user_of(session), words[1], &answer);

	return code == EXIT_DONE ? tell_credential(session, answer) : code;
}

static ExitCode
switch_it(const Session *session, const char *name, const char *changes)
{
	CLEANUP(json) cJSON *answer = NULL;
	const char *params[] = {name, user_of(session), changes};
	ExitCode code = EXIT_DONE;

	if (!session_ask(session, "SELECT leap.change_credential(" FIND ", $3::jsonb)",
					 params, 3, &answer, &code))
		return code;
	return tell_credential(session, answer);
}

static ExitCode
enable(const Session *session, char **words)
{
	return switch_it(session, words[0], "{\"is_active\": true}");
}

static ExitCode
disable(const Session *session, char **words)
{
	return switch_it(session, words[0], "{\"is_active\": false}");
}

static ExitCode
delete_credential(const Session *session, char **words)
{
	CLEANUP(json) cJSON *answer = NULL;
	const char *params[] = {words[0], user_of(session),
							option_flag(session->options, OPTION_FORCE) ? "true"
																		: "false"};
	ExitCode code = EXIT_DONE;

	if (!session_ask(session,
					 "SELECT jsonb_build_object('deleted', f.id) FROM (SELECT " FIND
					 " AS id OFFSET 0) f, leap.delete_credential(f.id, $3::boolean)",
					 params, 3, &answer, &code))
		return code;
	if (session->json)
		session_print_json(answer);
	else
		puts("deleted; the platform was not told");
	return EXIT_DONE;
}

/* Until a worker has tried it. */
static ExitCode
watch(const Session *session, const char *check)
{
	CLEANUP(json) cJSON *status = NULL;
	ExitCode code = EXIT_DONE;
	const char *state;

	if (!session_await(session, "SELECT leap.credential_check_status($1::uuid)", check,
					   &status, &code))
		return code;
	state = json_text(status, "state", "");
	if (session->json)
		session_print_json(status);
	else
	{
		printf("%s%s%s  ", text_colour(session->colour, state), state,
			   text_plain(session->colour));
		text_print(json_text(status, "error.message",
							 json_text(status, "facts.title",
									   json_text(status, "facts.account", ""))),
				   0);
		putchar('\n');
	}
	return strcmp(state, "succeeded") == 0 ? EXIT_DONE : EXIT_FAILED;
}

static ExitCode
tell_check(const Session *session, const cJSON *answer)
{
	if (option_flag(session->options, OPTION_WATCH))
		return watch(session, json_text(answer, "check", ""));
	return tell_id(session, answer, "check");
}

static ExitCode
check(const Session *session, char **words)
{
	CLEANUP(json) cJSON *answer = NULL;
	const char *params[] = {words[0], user_of(session)};
	ExitCode code = EXIT_DONE;

	if (!session_ask(session,
					 "SELECT jsonb_build_object('check', leap.check_credential(" FIND
					 "))",
					 params, 2, &answer, &code))
		return code;
	return tell_check(session, answer);
}

static ExitCode
connect_account(const Session *session, char **words)
{
	CLEANUP(json) cJSON *answer = NULL;
	const char *params[] = {words[0], words[1], user_of(session)};
	ExitCode code = EXIT_DONE;

	if (!session_ask(session, "SELECT leap.begin_oauth($1, $2, $3)", params, 3, &answer,
					 &code))
		return code;
	if (session->json)
	{
		session_print_json(answer);
		return EXIT_DONE;
	}
	puts(json_text(answer, "authorization_url", ""));
	fputs("open this address, let LEAP in, and give the line that is shown then to\n"
		  "leap credential finish; it is good for ten minutes\n",
		  stderr);
	return EXIT_DONE;
}

/* The line: state, code, and of VK a device. */
static ExitCode
finish(const Session *session, char **words)
{
	CLEANUP(json) cJSON *answer = NULL;
	char line[8192] = "";
	char *rest = line;
	const char *params[3];
	ExitCode code = EXIT_DONE;

	(void) words;
	if (isatty(STDIN_FILENO))
		fputs("The line of the page: ", stderr);
	if (!secret_quiet(session, &code))
		return code;
	(void) secret_line(line, sizeof line);
	for (int i = 0; i < 3; i++)
	{
		do
			params[i] = strsep(&rest, " \t\r");
		while (params[i] != NULL && params[i][0] == '\0');
	}
	(void) session_ask(session, "SELECT leap.finish_oauth($1, $2, $3)", params, 3,
					   &answer, &code);
	explicit_bzero(line, sizeof line);
	return code == EXIT_DONE ? tell_check(session, answer) : code;
}

static ExitCode
fields(const Session *session, char **words)
{
	CLEANUP(json) cJSON *answer = NULL;
	const char *params[] = {words[0]};
	ExitCode code = EXIT_DONE;
	const cJSON *row;

	if (!session_ask(
			session,
			"SELECT jsonb_build_object('fields', coalesce((SELECT jsonb_agg(to_jsonb(f)) "
			"FROM leap.credential_fields() f WHERE f.platform = $1), '[]'), 'forms', "
			"coalesce((SELECT jsonb_agg(jsonb_build_object('needs', "
			"array_to_string(x.needs, ', '), 'comment', x.comment)) FROM "
			"leap.credential_forms() x WHERE x.platform = $1), '[]'))",
			params, 1, &answer, &code))
		return code;
	if (session->json)
	{
		session_print_json(answer);
		return EXIT_DONE;
	}
	cJSON_ArrayForEach(row, json_at(answer, "forms"))
		printf("%s: %s\n", json_text(row, "comment", ""), json_text(row, "needs", ""));
	cJSON_ArrayForEach(row, json_at(answer, "fields"))
		printf("  %-18s %s%s\n", json_text(row, "key", ""), json_text(row, "comment", ""),
			   json_bool(row, "secret", false) ? " (secret)" : "");
	return EXIT_DONE;
}

static const struct
{
	const char *name;
	int least, most; /* words after it */
	ExitCode (*run)(const Session *session, char **words);
} actions[] = {
	{"add",     2, 3, add              },
	{"change",  1, 2, change           },
	{"list",    0, 0, list             },
	{"show",    1, 1, show             },
	{"check",   1, 1, check            },
	{"enable",  1, 1, enable           },
	{"disable", 1, 1, disable          },
	{"delete",  1, 1, delete_credential},
	{"connect", 2, 2, connect_account  },
	{"finish",  0, 0, finish           },
	{"fields",  1, 1, fields           },
};

ExitCode
credential_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	char *words[] = {NULL, NULL, NULL};
	ExitCode code = EXIT_DONE;

	for (size_t i = 0; argc > 0 && i < sizeof actions / sizeof actions[0]; i++)
	{
		if (strcmp(argv[0], actions[i].name) != 0 || argc - 1 < actions[i].least ||
			argc - 1 > actions[i].most)
			continue;
		for (int j = 1; j < argc; j++)
			words[j - 1] = argv[j];
		return session_open(&session, options, &code) ? actions[i].run(&session, words)
													  : code;
	}
	return session_usage(
		"credential",
		"say add PLATFORM NAME [FILE], connect PLATFORM NAME, finish, list, fields "
		"PLATFORM, or show, check, change, enable, disable or delete NAME");
}
