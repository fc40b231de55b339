/*
 * cli/user.c
 *	  leap user: accounts and their passwords.
 *
 * A password is never an argument: every process sees those. It is typed on the terminal, which
 * does not show it, or it is the first line of standard input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/invite.h"
#include "cli/session.h"

#define PASSWORD_SIZE 512
#define INTERRUPT     3 /* Ctrl-C, as the terminal sends it while it does not make a signal */

/* The first line of what comes, without its end; false: nothing, too much, or Ctrl-C. */
static bool
read_line(char line[PASSWORD_SIZE])
{
	size_t length = 0;
	char c;

	while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
	{
		if (c == INTERRUPT || c == '\0' || length + 1 == PASSWORD_SIZE)
			return false;
		line[length++] = c;
	}
	line[length] = '\0';
	return length > 0;
}

/* Signals are off as well while nothing is shown: who stops the program keeps his terminal. */
static bool
read_unseen(const char *prompt, char line[PASSWORD_SIZE])
{
	struct termios before;
	struct termios quiet;
	bool got;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return read_line(line);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t) (ECHO | ISIG);
	fputs(prompt, stderr);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	got = read_line(line);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return got;
}

/* Twice on a terminal, once from elsewhere. */
static bool
read_password(char password[PASSWORD_SIZE], Error *err)
{
	char again[PASSWORD_SIZE] = "";
	bool same;

	if (!read_unseen("Password: ", password))
		return error_set(err, ERROR_PERMANENT, "usage", NULL, "no password was given");
	same = !isatty(STDIN_FILENO) ||
		   (read_unseen("Once more: ", again) && strcmp(password, again) == 0);
	explicit_bzero(again, sizeof again);
	return same ||
		   error_set(err, ERROR_PERMANENT, "usage", NULL, "that was not the same twice");
}

/* Bind values of a superuser would be logged where statements are; the roles of LEAP are set so
 * that theirs are not. may_lack: that no password comes is no error, and none is set. */
static ExitCode
set_password(const Session *session, const char *email, bool may_lack)
{
	CLEANUP(json) cJSON *answer = NULL;
	CLEANUP(json) cJSON *quiet = NULL;
	Error err = {0};
	char password[PASSWORD_SIZE] = "";
	const char *params[] = {email, password};
	ExitCode code = EXIT_DONE;

	if (!session_ask(session,
					 "SELECT to_jsonb(CASE WHEN current_setting('is_superuser') = 'on'"
					 " THEN set_config('log_parameter_max_length', '0', false) ||"
					 " set_config('log_parameter_max_length_on_error', '0', false)"
					 " ELSE '' END)",
					 NULL, 0, &quiet, &code))
		return code;
	if (!read_password(password, &err))
		code = may_lack && password[0] == '\0' ? EXIT_DONE : session_error(session, &err);
	else
		session_ask(session, "SELECT to_jsonb(leap.set_password($1, $2)::text)", params,
					2, &answer, &code);
	explicit_bzero(password, sizeof password);
	return code;
}

static ExitCode
change_password(const Session *session, const char *email)
{
	ExitCode code = set_password(session, email, false);

	CLEANUP(json) cJSON *answer = NULL;

	if (code == EXIT_DONE && !session->json)
		printf("the password of %s is set\n", email);
	if (code != EXIT_DONE || !session->json)
		return code;
	answer = cJSON_CreateObject();
	cJSON_AddStringToObject(answer, "email", email);
	cJSON_AddStringToObject(answer, "message", "the password is set");
	session_print_json(answer);
	return code;
}

static ExitCode
add(const Session *session, const char *email)
{
	CLEANUP(json) cJSON *id = NULL;
	const char *full_name = option_text(session->options, OPTION_FULL_NAME);
	const char *params[] = {email, full_name[0] != '\0' ? full_name : NULL,
							option_text(session->options, OPTION_ROLE)};
	ExitCode code = EXIT_DONE;

	if (!session_ask(session,
					 "SELECT jsonb_build_object('user', leap.add_user($1, $2, $3), "
					 "'email', $1::text)",
					 params, 3, &id, &code))
		return code;
	if (session->json)
		session_print_json(id);
	else
		printf("user %s added: %s\n", email, json_text(id, "user", ""));
	fflush(stdout); /* before the question, and before the wait for what a pipe brings */
	if (isatty(STDIN_FILENO) && !isatty(STDERR_FILENO))
		return EXIT_DONE;
	code = set_password(session, email, !isatty(STDIN_FILENO));
	if (code != EXIT_DONE && !session->json)
		fprintf(stderr, "hint: leap user password %s sets one\n", email);
	return code;
}

ExitCode
user_command(const Options *options, int argc, char **argv)
{
	static const struct
	{
		const char *name;
		ExitCode (*run)(const Session *session, const char *email);
		bool needs_email;
	} verbs[] = {
		{"add",      add,             true },
		{"invite",   invite,          false},
		{"password", change_password, true },
	};
	CLEANUP(session) Session session = {0};
	ExitCode code = EXIT_DONE;

	if (argc == 1 && strcmp(argv[0], "first") == 0)
		return session_open(&session, options, &code) ? invite_first(&session) : code;
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (argc >= 1 && argc <= 2 && strcmp(argv[0], verbs[i].name) == 0 &&
			(argc == 2 || !verbs[i].needs_email))
			return session_open(&session, options, &code)
					   ? verbs[i].run(&session, argc == 2 ? argv[1] : NULL)
					   : code;
	return session_usage("user",
						 "say \"add\" or \"password\" and an e-mail address, \"invite\" "
						 "with one or without, or \"first\"");
}
