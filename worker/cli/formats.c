/*
 * cli/formats.c
 *	  leap formats: what there is to choose a quality from, asked by a worker.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/text.h"

static void
print_format(const cJSON *format)
{
	double height = json_number(format, "height", 0);
	int64_t bytes = json_int64(format, "bytes", json_int64(format, "about_bytes", 0));
	char size[32] = "";
	char lines[32] = "";

	if (bytes > 0)
		snprintf(size, sizeof size, "%.1f MB", (double) bytes / 1e6);
	if (height > 0)
		snprintf(lines, sizeof lines, "%.0fp", height);
	printf("  ");
	text_print(json_text(format, "id", ""), 16);
	printf("  ");
	text_print(json_text(format, "ext", ""), 6);
	printf("  %-6s  %10s  ", lines, size);
	text_print(json_text(format, "video", "-"), 16);
	printf("  ");
	text_print(json_text(format, "audio", "-"), 0);
	putchar('\n');
}

static ExitCode
print_answer(const Session *session, const cJSON *status)
{
	bool done = strcmp(json_text(status, "state", ""), "succeeded") == 0;
	const cJSON *format;

	if (session->json)
		session_print_json(done ? json_at(status, "report.formats") : status);
	else if (!done)
	{
		fputs("error: ", stderr);
		text_write(stderr, json_text(status, "error.message", "it was not asked"), 0);
		fputs("\nhint: ", stderr);
		text_write(stderr, json_text(status, "error.hint", "Ask again."), 0);
		fputc('\n', stderr);
	}
	else
	{
		text_print(json_text(status, "report.formats.title", ""), 0);
		putchar('\n');
		cJSON_ArrayForEach(format, json_at(status, "report.formats.formats"))
			print_format(format);
	}
	return done ? EXIT_DONE : EXIT_FAILED;
}

ExitCode
formats_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(json) cJSON *asked = NULL;
	CLEANUP(json) cJSON *status = NULL;
	const char *user = option_text(options, OPTION_USER);
	const char *params[] = {argc == 1 ? argv[0] : NULL, user[0] != '\0' ? user : NULL};
	ExitCode code = EXIT_DONE;

	if (argc != 1)
		return session_usage("formats", "name one URL");
	if (!session_open(&session, options, &code) ||
		!session_ask(&session,
					 "SELECT jsonb_build_object('sync', "
					 "leap.ask_site(jsonb_build_object('url', $1), 'formats', "
					 "\"user\" => $2))",
					 params, 2, &asked, &code) ||
		!session_await(&session, "SELECT leap.sync_status($1::uuid)",
					   json_text(asked, "sync", ""), &status, &code))
		return code;
	return print_answer(&session, status);
}
