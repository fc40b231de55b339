/*
 * cli/app.c
 *	  leap app and leap endpoint: as what LEAP is registered with platforms, and where they are.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/secret_input.h"
#include "cli/session.h"

static ExitCode
set_app(const Session *session, const char *platform, const char *file)
{
	CLEANUP(json) cJSON *answer = NULL;
	Error err = {0};
	char *data;
	ExitCode code = EXIT_DONE;

	if (!secret_quiet(session, &code))
		return code;
	data = secret_json(file, &err);
	if (data == NULL)
		return session_error(session, &err);
	const char *params[] = {platform, data};

	if (session_ask(session, "SELECT leap.set_platform_app($1, $2::jsonb)", params, 2,
					&answer, &code))
	{
		if (session->json)
			session_print_json(answer);
		else
			printf("%s: people come back to %s\n", platform,
				   json_text(answer, "redirect_uri", ""));
	}
	secret_forget(data);
	return code;
}

static void
print_app(const Session *session, const cJSON *app)
{
	(void) session;
	printf("%-11s  %s  %s\n", json_text(app, "platform", ""),
		   json_text(app, "client_id", ""), json_text(app, "redirect_uri", ""));
}

static ExitCode
list_apps(const Session *session)
{
	return session_list(
		session, "SELECT coalesce(jsonb_agg(a), '[]') FROM leap.platform_app_list() a",
		NULL, 0, "no apps; leap app set PLATFORM FILE registers one", print_app);
}

ExitCode
app_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	const char *verb = argc > 0 ? argv[0] : "";
	bool set = strcmp(verb, "set") == 0 && (argc == 2 || argc == 3);
	bool list = strcmp(verb, "list") == 0 && argc == 1;
	bool remove = strcmp(verb, "remove") == 0 && argc == 2;
	ExitCode code = EXIT_DONE;

	if (!set && !list && !remove)
		return session_usage("app", "say set PLATFORM [FILE], list, or remove PLATFORM");
	if (!session_open(&session, options, &code))
		return code;
	if (list)
		return list_apps(&session);
	if (set)
		return set_app(&session, argv[1], argc == 3 ? argv[2] : NULL);
	return session_call(&session,
						"SELECT jsonb_build_object('removed', $1::text) FROM "
						"leap.remove_platform_app($1)",
						(const char *const[]){argv[1]}, 1, NULL);
}

static void
print_endpoint(const Session *session, const cJSON *row)
{
	(void) session;
	printf("%-11s  %-9s  %s%s\n", json_text(row, "platform", ""),
		   json_text(row, "name", ""), json_text(row, "url", ""),
		   json_bool(row, "set", false) ? "  (set here)" : "");
}

static ExitCode
list_endpoints(const Session *session)
{
	return session_list(
		session,
		"SELECT jsonb_agg(jsonb_build_object('platform', n.platform, 'name', n.name, "
		"'url', coalesce(p.url, n.standard), 'set', p.url IS NOT NULL) ORDER BY "
		"n.platform, n.name) FROM "
		"leap.endpoint_names() n LEFT JOIN leap.platform_endpoints p USING "
		"(platform, name)",
		NULL, 0, "no endpoints", print_endpoint);
}

ExitCode
endpoint_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	const char *verb = argc > 0 ? argv[0] : "";
	bool list = strcmp(verb, "list") == 0 && argc == 1;
	bool set = strcmp(verb, "set") == 0 && argc == 4;
	bool reset = strcmp(verb, "reset") == 0 && argc == 3;
	ExitCode code = EXIT_DONE;

	if (!list && !set && !reset)
		return session_usage("endpoint",
							 "say list, set PLATFORM NAME URL, or reset PLATFORM NAME");
	if (!session_open(&session, options, &code))
		return code;
	if (list)
		return list_endpoints(&session);
	return session_call(
		&session,
		"SELECT jsonb_build_object('platform', $1::text, 'name', $2::text) FROM "
		"leap.set_platform_endpoint($1, $2, $3)",
		(const char *const[]){argv[1], argv[2], set ? argv[3] : NULL}, 3, NULL);
}
