/*
 * cli/topics.c
 *	  leap topics: the versions of a recording's topics, shown, found anew, edited, chosen;
 *	  leap captions: the captions it has, given and taken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/text.h"
#include "cli/words.h"

enum
{
	MOST_EDIT = 1024 * 1024,
	MOST_CAPTIONS = 4 * 1024 * 1024
};

static void
print_version(const cJSON *version)
{
	char when[TEXT_SIZE];

	printf("%c %3.0f  %-8s %-12s %2d topics  ",
		   json_bool(version, "active", false) ? '*' : ' ',
		   json_number(version, "version", 0), json_text(version, "granularity", "-"),
		   json_text(version, "provider", "-"),
		   cJSON_GetArraySize(json_at(version, "topics")));
	fputs(text_time(json_text(version, "created_at", ""), when), stdout);
	if (json_bool(version, "edited", false))
	{
		fputs("  edited by ", stdout);
		text_print(json_text(version, "edited_by", ""), 0);
	}
	putchar('\n');
}

static void
print_topics(const cJSON *version)
{
	const cJSON *item;
	char start[TEXT_SIZE];

	puts("topics");
	cJSON_ArrayForEach(item, json_at(version, "topics"))
	{
		printf("%8s  ", text_seconds(json_number(item, "start", 0), start));
		text_print(json_text(item, "title", ""), 0);
		putchar('\n');
	}
	if (json_text(version, "summary", "")[0] != '\0')
	{
		fputs("summary\n  ", stdout);
		text_print(json_text(version, "summary", ""), 0);
		putchar('\n');
	}
	if (cJSON_GetArraySize(json_at(version, "questions")) > 0)
		puts("questions");
	cJSON_ArrayForEach(item, json_at(version, "questions"))
	{
		fputs("  ", stdout);
		text_print(cJSON_IsString(item) ? item->valuestring : "", 0);
		putchar('\n');
	}
}

static ExitCode
show_topics(const Session *session, const char *id)
{
	CLEANUP(json) cJSON *versions = NULL;
	const cJSON *version;
	ExitCode code = EXIT_DONE;

	if (!session_ask(session, "SELECT leap.topic_versions($1::uuid)", &id, 1, &versions,
					 &code))
		return code;
	if (session->json)
	{
		session_print_json(versions);
		return EXIT_DONE;
	}
	if (cJSON_GetArraySize(versions) == 0)
		puts("there are no topics yet");
	cJSON_ArrayForEach(version, versions) print_version(version);
	cJSON_ArrayForEach(version, versions) if (json_bool(version, "active", false))
		print_topics(version);
	return EXIT_DONE;
}

/* Asks something of one recording and tells the answer. */
static ExitCode
ask(const Session *session, const char *sql, const char *const *params, size_t count)
{
	CLEANUP(json) cJSON *answer = NULL;
	ExitCode code = EXIT_DONE;

	if (!session_ask(session, sql, params, count, &answer, &code))
		return code;
	if (session->json)
		session_print_json(answer);
	else
		puts(json_text(answer, "message", "done"));
	return EXIT_DONE;
}

static ExitCode
edit_topics(const Session *session, const char *id, const char *path)
{
	CLEANUP(buffer) Buffer changes = {0};
	Error err = {0};

	if (!words_read(path, MOST_EDIT, &changes, &err))
		return session_error(session, &err);

	const char *params[] = {id, changes.data != NULL ? changes.data : ""};

	return ask(session, "SELECT leap.edit_topics($1::uuid, $2::jsonb)", params, 2);
}

static const char *
given(const Options *options, OptionId id)
{
	return options->given[id] ? option_text(options, id) : NULL;
}

ExitCode
topics_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(free) char *id = NULL;
	const char *edit = given(options, OPTION_EDIT);
	const char *activate = given(options, OPTION_ACTIVATE);
	const char *granularity = given(options, OPTION_GRANULARITY);
	const char *provider = given(options, OPTION_PROVIDER);
	ExitCode code = EXIT_DONE;

	if (argc != 1)
		return session_usage("topics", "name one recording");
	if ((edit != NULL) + (activate != NULL) + (granularity != NULL || provider != NULL) >
		1)
		return session_usage("topics", "edit, activate or find topics, one at a time");
	if (!session_open(&session, options, &code) ||
		!session_find(&session, argv[0], &id, &code))
		return code;
	if (edit != NULL)
		return edit_topics(&session, id, edit);

	const char *params[] = {id, activate != NULL ? activate : granularity, provider};

	if (activate != NULL)
		return ask(&session, "SELECT leap.activate_topics($1::uuid, $2::int)", params, 2);
	if (granularity != NULL || provider != NULL)
		return ask(&session, "SELECT leap.find_topics($1::uuid, $2, $3)", params, 3);
	return show_topics(&session, id);
}

static ExitCode
list_captions(const Session *session, const char *id)
{
	CLEANUP(json) cJSON *captions = NULL;
	const cJSON *item;
	char size[TEXT_SIZE];
	ExitCode code = EXIT_DONE;

	if (!session_ask(session, "SELECT leap.list_captions($1::uuid)", &id, 1, &captions,
					 &code))
		return code;
	if (session->json)
		session_print_json(captions);
	else if (cJSON_GetArraySize(captions) == 0)
		puts("there are no captions");
	else
		cJSON_ArrayForEach(item, captions) printf(
			"%-12s %-4s %10s  %s\n",
			json_text(item, "language", "")[0] != '\0' ? json_text(item, "language", "")
													   : "-",
			json_text(item, "format", ""),
			text_bytes((int64_t) json_number(item, "bytes", 0), size),
			json_text(item, "origin", ""));
	return EXIT_DONE;
}

static ExitCode
add_captions(const Session *session, const char *id, const char *path)
{
	CLEANUP(buffer) Buffer body = {0};
	Error err = {0};

	if (!words_read(path, MOST_CAPTIONS, &body, &err))
		return session_error(session, &err);

	const char *params[] = {id, option_text(session->options, OPTION_LANGUAGE),
							body.data != NULL ? body.data : ""};

	return ask(session, "SELECT leap.add_captions($1::uuid, $2, $3)", params, 3);
}

ExitCode
captions_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(free) char *id = NULL;
	bool remove = option_flag(options, OPTION_REMOVE);
	ExitCode code = EXIT_DONE;

	if (argc < 1 || argc > 2 || (remove && argc == 2))
		return session_usage("captions", "name one recording, and a file to add one");
	if (!session_open(&session, options, &code) ||
		!session_find(&session, argv[0], &id, &code))
		return code;
	if (argc == 2)
		return add_captions(&session, id, argv[1]);

	const char *params[] = {id, option_text(options, OPTION_LANGUAGE)};

	if (remove)
		return ask(&session, "SELECT leap.remove_captions($1::uuid, $2)", params, 2);
	return list_captions(&session, id);
}
