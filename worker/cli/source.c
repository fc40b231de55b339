/*
 * cli/source.c
 *	  leap source: inboxes and lists of links, and asking them what is new.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/path.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/text.h"

#define BEFORE_PLACE 74 /* columns */

static const char *
given(const Options *options, OptionId id)
{
	const char *text = option_text(options, id);

	return text[0] != '\0' ? text : NULL;
}

static const char *
time_of(const cJSON *object, const char *path, char text[TEXT_SIZE])
{
	const char *json = json_text(object, path, NULL);

	return json != NULL ? text_time(json, text) : "never";
}

static const char *
place_of(const cJSON *source)
{
	static const char *const keys[] = {"config.path",        "config.url",
									   "config.folder_path", "config.public_url",
									   "config.bucket",      "config.user_id"};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (json_text(source, keys[i], NULL) != NULL)
			return json_text(source, keys[i], "");
	return strcmp(json_text(source, "source_type", ""), "ZOOM") == 0 ? "cloud recordings"
																	 : "its own links";
}

static const char *
state_of(const cJSON *source)
{
	return !json_bool(source, "is_active", true)           ? "off"
		   : json_bool(source, "syncing", false)           ? "syncing"
		   : cJSON_IsObject(json_at(source, "last_error")) ? "failed"
														   : "on";
}

static void
print_source(const Session *session, const cJSON *source)
{
	char when[TEXT_SIZE];
	int width = text_width();
	const char *state = state_of(source);

	text_print(json_text(source, "name", ""), 24);
	printf("  %-8s  %s%-7s%s  %-23s  ", json_text(source, "source_type", ""),
		   text_colour(session->colour, state), state, text_plain(session->colour),
		   time_of(source, "last_sync_at", when));
	text_print(place_of(source), width > BEFORE_PLACE ? width - BEFORE_PLACE : 0);
	putchar('\n');
}

static ExitCode
list(const Session *session, const char *nothing)
{
	const char *params[] = {given(session->options, OPTION_USER)};

	(void) nothing;
	return session_list(
		session, "SELECT coalesce(jsonb_agg(s), '[]') FROM leap.source_list($1) s",
		params, 1, "no sources; leap source add FOLDER or URL adds one", print_source);
}

/* {"name","source_type","config"} */
static char *
spec_of(const Options *options, const char *place, Error *err)
{
	CLEANUP(json) cJSON *spec = cJSON_CreateObject();
	const char *name = option_text(options, OPTION_LESSON_NAME);
	const char *pattern = option_text(options, OPTION_PATTERN);
	bool is_url = strstr(place, "://") != NULL;
	char path[PATH_SIZE];
	cJSON *config;

	if (!is_url && !path_absolute(path, sizeof path, place, err))
		return NULL;
	if (name[0] == '\0' && !is_url)
		name = strrchr(path, '/')[1] != '\0' ? strrchr(path, '/') + 1 : path;
	cJSON_AddStringToObject(spec, "name", name[0] != '\0' ? name : place);
	cJSON_AddStringToObject(spec, "source_type", is_url ? "URL_LIST" : "INBOX");
	config = cJSON_AddObjectToObject(spec, "config");
	cJSON_AddStringToObject(config, is_url ? "url" : "path", is_url ? place : path);
	if (pattern[0] != '\0')
		cJSON_AddStringToObject(config, "file_pattern", pattern);
	return json_print(spec);
}

static ExitCode
add(const Session *session, const char *place)
{
	CLEANUP(json) cJSON *answer = NULL;
	Error err = {0};
	/* what has more to say than a place is given as leap.add_source() takes it */
	CLEANUP(free)
	char *spec = place[0] == '{' ? strdup(place) : spec_of(session->options, place, &err);
	const char *params[] = {spec, given(session->options, OPTION_USER),
							given(session->options, OPTION_CREDENTIAL)};
	ExitCode code = EXIT_DONE;

	if (spec == NULL)
		return session_error(session, &err);
	if (!session_ask(session,
					 "SELECT jsonb_build_object('source', leap.add_source(CASE WHEN "
					 "$3::text IS NULL THEN "
					 "$1::jsonb ELSE $1::jsonb || jsonb_build_object('credential_id', "
					 "leap.find_credential($3, $2)) END, $2))",
					 params, 3, &answer, &code))
		return code;
	if (session->json)
		session_print_json(answer);
	else
		puts(json_text(answer, "source", ""));
	return EXIT_DONE;
}

/* What a sync came to, in a line. */
static void
print_sync(const Session *session, const cJSON *sync)
{
	const char *state = json_text(sync, "state", "");
	const char *error =
		json_text(sync, "error.message", json_text(sync, "last_try.message", NULL));
	char when[TEXT_SIZE];

	printf("%s  %s%-9s%s %s", time_of(sync, "requested_at", when),
		   text_colour(session->colour, state), state, text_plain(session->colour),
		   json_bool(sync, "dry_run", false) ? "dry run, " : "");
	printf("%.0f found, %.0f new, %.0f known, %.0f refused",
		   json_number(sync, "found", 0), json_number(sync, "created", 0),
		   json_number(sync, "known", 0), json_number(sync, "refused", 0));
	if (json_number(sync, "report.waiting", 0) > 0)
		printf(", %.0f still being written", json_number(sync, "report.waiting", 0));
	if (json_bool(sync, "report.truncated", false))
		printf(", and more than one sync can take");
	if (error != NULL)
	{
		printf(": ");
		text_print(error, 0);
	}
	putchar('\n');
}

/* What would come, what was not taken, what could not be read. */
static void
print_report(const cJSON *sync)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, json_at(sync, "report.items"))
	{
		const char *refused = json_text(row, "refused", NULL);

		printf("  %-7s  ", refused != NULL                  ? "refused"
						   : json_bool(row, "known", false) ? "known"
						   : json_bool(row, "blank", false) ? "blank"
															: "new");
		text_print(json_text(row, "display_name", ""), 0);
		printf(refused != NULL ? ": " : "\n");
		if (refused != NULL)
		{
			text_print(refused, 0);
			putchar('\n');
		}
	}
	cJSON_ArrayForEach(row, json_at(sync, "report.refusals"))
	{
		printf("  refused  ");
		text_print(json_text(row, "display_name", ""), 0);
		printf(": ");
		text_print(json_text(row, "message", ""), 0);
		putchar('\n');
	}
	cJSON_ArrayForEach(row, json_at(sync, "report.problems"))
	{
		printf("  problem  ");
		text_print(cJSON_IsString(row) ? row->valuestring : "", 0);
		putchar('\n');
	}
}

static ExitCode
watch(const Session *session, const char *sync)
{
	CLEANUP(json) cJSON *status = NULL;
	ExitCode code = EXIT_DONE;
	const char *state;

	if (!session_await(session, "SELECT leap.sync_status($1::uuid)", sync, &status,
					   &code))
		return code;
	state = json_text(status, "state", "");
	if (session->json)
		session_print_json(status);
	else
	{
		print_sync(session, status);
		print_report(status);
	}
	return strcmp(state, "succeeded") == 0 ? EXIT_DONE : EXIT_FAILED;
}

static ExitCode
sync_now(const Session *session, const char *name)
{
	const Options *options = session->options;
	CLEANUP(json) cJSON *answer = NULL;
	const char *params[] = {name, given(options, OPTION_USER),
							given(options, OPTION_SINCE), given(options, OPTION_UNTIL),
							option_flag(options, OPTION_DRY_RUN) ? "true" : "false"};
	ExitCode code = EXIT_DONE;

	if (!session_ask(session,
					 "SELECT jsonb_build_object('sync', "
					 "leap.sync_source(leap.find_source($1, $2), $3::date, $4::date, "
					 "$5::boolean))",
					 params, 5, &answer, &code))
		return code;
	if (option_flag(options, OPTION_WATCH))
		return watch(session, json_text(answer, "sync", ""));
	if (session->json)
		session_print_json(answer);
	else
		puts(json_text(answer, "sync", ""));
	return EXIT_DONE;
}

static ExitCode
show(const Session *session, const char *name)
{
	CLEANUP(json) cJSON *answer = NULL;
	const char *params[] = {name, given(session->options, OPTION_USER)};
	ExitCode code = EXIT_DONE;
	const cJSON *source;
	const cJSON *sync;
	const char *error;

	if (!session_ask(
			session,
			"SELECT jsonb_build_object('source', (SELECT s FROM leap.source_list() s "
			"WHERE "
			"s->>'id' = f.id::text), 'syncs', coalesce((SELECT jsonb_agg(x) FROM "
			"leap.sync_list(source => f.id, most => 10) x), '[]')) "
			"FROM leap.find_source($1, $2) AS f(id)",
			params, 2, &answer, &code))
		return code;
	if (session->json)
	{
		session_print_json(answer);
		return EXIT_DONE;
	}
	source = json_at(answer, "source");
	print_source(session, source);
	error = json_text(source, "last_error.message", NULL);
	if (error != NULL)
	{
		printf("  ");
		text_print(error, 0);
		printf("\n  ");
		text_print(json_text(source, "last_error.hint", ""), 0);
		putchar('\n');
	}
	cJSON_ArrayForEach(sync, json_at(answer, "syncs")) print_sync(session, sync);
	return EXIT_DONE;
}

static ExitCode
delete_source(const Session *session, const char *name)
{
	CLEANUP(json) cJSON *answer = NULL;
	const char *params[] = {name, given(session->options, OPTION_USER)};
	ExitCode code = EXIT_DONE;

	if (!session_ask(session,
					 "SELECT jsonb_build_object('deleted', f.id) FROM "
					 "leap.find_source($1, $2) AS f(id), leap.delete_source(f.id)",
					 params, 2, &answer, &code))
		return code;
	if (session->json)
		session_print_json(answer);
	else
		puts("deleted; its recordings stay");
	return EXIT_DONE;
}

static const struct
{
	const char *name;
	int arguments;
	ExitCode (*run)(const Session *session, const char *argument);
} actions[] = {
	{"add",    1, add          },
	{"list",   0, list         },
	{"show",   1, show         },
	{"sync",   1, sync_now     },
	{"delete", 1, delete_source},
};

ExitCode
source_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	ExitCode code = EXIT_DONE;

	for (size_t i = 0; argc > 0 && i < sizeof actions / sizeof actions[0]; i++)
		if (strcmp(argv[0], actions[i].name) == 0 && argc == actions[i].arguments + 1)
			return session_open(&session, options, &code)
					   ? actions[i].run(&session, argc > 1 ? argv[1] : NULL)
					   : code;
	return session_usage("source",
						 "say add FOLDER or URL, list, or show, sync or delete NAME");
}
