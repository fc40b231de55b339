/*
 * cli/add.c
 *	  leap add: a file or a URL becomes a recording whose run has started.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/path.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/text.h"
#include "cli/watch.h"

static bool
is_url(const char *what)
{
	return strncasecmp(what, "http://", 7) == 0 || strncasecmp(what, "https://", 8) == 0;
}

/* True if this machine sees the folder that an absolute path lies in. */
static bool
sees_folder(const char *path)
{
	char folder[PATH_SIZE];
	struct stat file;

	snprintf(folder, sizeof folder, "%.*s", (int) (strrchr(path, '/') - path + 1), path);
	return stat(folder, &file) == 0;
}

/* Looks at the file where this machine sees it: room for it is then reserved before its
 * import begins, and what is no file is refused at once. The worker that imports it may see
 * more than we do; but not in a folder that is here. */
static bool
look_at(cJSON *source, const char *path, Error *err)
{
	struct stat file;
	char bytes[32];

	if (stat(path, &file) != 0)
	{
		if (errno == ENOENT && sees_folder(path))
			return error_set(err, ERROR_PERMANENT, "usage", "Look at its name.",
							 "there is no file %s", path);
		fprintf(stderr,
				"note: %s cannot be seen from here (%s); a worker has to see it\n", path,
				strerror(errno));
		return true;
	}
	if (!S_ISREG(file.st_mode))
		return error_set(err, ERROR_PERMANENT, "usage", "Name one file.", "%s is %s",
						 path, S_ISDIR(file.st_mode) ? "a folder" : "no ordinary file");
	snprintf(bytes, sizeof bytes, "%lld", (long long) file.st_size);
	cJSON_AddStringToObject(source, "bytes", bytes);
	return true;
}

/* {"type":"file","path","bytes"}, {"type":"url","url"} or {"type":"site","url","quality"}; a
 * path is made absolute. */
static char *
source_of(const Options *options, const char *what, Error *err)
{
	const char *quality = option_text(options, OPTION_QUALITY);
	bool is_site = option_flag(options, OPTION_SITE) || quality[0] != '\0';
	CLEANUP(json) cJSON *source = cJSON_CreateObject();
	char path[PATH_SIZE];

	if (is_url(what))
	{
		cJSON_AddStringToObject(source, "type", is_site ? "site" : "url");
		cJSON_AddStringToObject(source, "url", what);
		if (quality[0] != '\0')
			cJSON_AddStringToObject(source, "quality", quality);
		return json_print(source);
	}
	if (is_site || strstr(what, "://") != NULL)
	{
		error_set(err, ERROR_PERMANENT, "usage", "It starts with http:// or https://.",
				  "\"%s\" is not a URL LEAP can fetch", what);
		return NULL;
	}
	if (!path_absolute(path, sizeof path, what, err))
		return NULL;
	cJSON_AddStringToObject(source, "type", "file");
	cJSON_AddStringToObject(source, "path", path);
	return look_at(source, path, err) ? json_print(source) : NULL;
}

static char *
config_of(const Options *options)
{
	CLEANUP(json) cJSON *config = cJSON_CreateObject();
	const char *language = option_text(options, OPTION_LANGUAGE);
	const char *provider = option_text(options, OPTION_PROVIDER);
	cJSON *transcription = language[0] != '\0' || provider[0] != '\0'
							   ? cJSON_AddObjectToObject(config, "transcription")
							   : NULL;

	if (language[0] != '\0')
		cJSON_AddStringToObject(transcription, "language", language);
	if (provider[0] != '\0')
		cJSON_AddStringToObject(transcription, "provider", provider);
	return json_print(config);
}

static const char *
given_or_null(const Options *options, OptionId id)
{
	const char *text = option_text(options, id);

	return text[0] != '\0' ? text : NULL;
}

/* What is known to go wrong is told before it does. */
static void
warn(const cJSON *answer)
{
	const char *warning = json_text(answer, "warning", "");

	if (warning[0] == '\0')
		return;
	fputs("warning: ", stderr);
	text_write(stderr, warning, 0);
	fprintf(stderr,
			"\nhint: leap retry %s --provider NAME has it heard by another; leap add has "
			"--provider and --language\n",
			json_text(answer, "recording", ""));
}

/* Of a file with this name and size there is a recording: told, not refused, as it may be another. */
static void
tell_same(const cJSON *answer)
{
	const cJSON *same = json_at(answer, "same_file");
	char when[TEXT_SIZE];

	if (!cJSON_IsObject(same))
		return;
	fputs("note: a file with this name and size is a recording already: ", stderr);
	text_write(stderr, json_text(same, "name", ""), 0);
	fprintf(stderr, ", %s, of %s\nhint: if it is the same: leap delete %s\n",
			json_text(same, "recording", ""),
			text_time(json_text(same, "created_at", ""), when),
			json_text(answer, "recording", ""));
}

static ExitCode
start(const Session *session, const char *source)
{
	CLEANUP(free) char *config = config_of(session->options);
	CLEANUP(json) cJSON *answer = NULL;
	const char *params[] = {given_or_null(session->options, OPTION_USER), source,
							given_or_null(session->options, OPTION_LESSON_NAME), config};
	ExitCode code = EXIT_DONE;

	if (!session_ask(
			session,
			"WITH added AS MATERIALIZED (SELECT leap.add_recording($1, $2::jsonb, $3, "
			"$4::jsonb) AS id), looked AS MATERIALIZED (SELECT a.id, (SELECT "
			"max(p->>'warning') FROM leap.operate('run', ARRAY[a.id], dry_run => true) o "
			"CROSS JOIN LATERAL jsonb_array_elements(o.plan) p) AS warning FROM added a) "
			"SELECT leap.run_recording(l.id) || "
			"jsonb_strip_nulls(jsonb_build_object('warning', l.warning, 'same_file', "
			"leap.same_file(l.id))) FROM looked l",
			params, 4, &answer, &code))
		return code;
	if (!session->json)
	{
		warn(answer);
		tell_same(answer);
	}
	if (option_flag(session->options, OPTION_WATCH))
		return watch_run(session, json_text(answer, "recording", ""));
	if (session->json)
		session_print_json(answer);
	else
		puts(json_text(answer, "recording", ""));
	return EXIT_DONE;
}

ExitCode
add_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	ExitCode code = EXIT_DONE;
	Error err = {0};

	if (argc != 1)
		return session_usage("add", "name one file or URL");
	if (!session_open(&session, options, &code))
		return code;

	CLEANUP(free) char *source = source_of(options, argv[0], &err);

	return source != NULL ? start(&session, source) : session_error(&session, &err);
}
