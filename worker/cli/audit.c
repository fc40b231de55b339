/*
 * cli/audit.c
 *	  leap audit: who did what, to what, and what was refused.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/text.h"

static void
print_word(const char *text, int width)
{
	int length = (int) utf8_width(text);

	text_print(text, 0);
	printf("%*s", 2 + (length < width ? width - length : 0), "");
}

/* "2026-11-22 10:14:03 UTC  ann@example.org  cancel  recording  Algebra one  (id)  failure: ..." */
static void
print_entry(const Session *session, const cJSON *entry)
{
	const char *result = json_text(entry, "result", "");
	const char *id = json_text(entry, "resource_id", "");
	const char *refusal = json_text(entry, "details.message", "");
	const char *why = json_text(entry, "why", "");
	bool good = strcmp(result, "success") == 0;
	char when[TEXT_SIZE];

	printf("%s  ", text_time(json_text(entry, "timestamp", ""), when));
	print_word(json_text(entry, "user", json_text(entry, "who", "")), 24);
	print_word(json_text(entry, "action", ""), 12);
	print_word(json_text(entry, "resource_type", ""), 10);
	print_word(json_text(entry, "resource_name", "-"), 0);
	if (id[0] != '\0')
		print_word(id, 0);
	if (!good)
		printf("%s%s%s", text_colour(session->colour, "failed"), result,
			   text_plain(session->colour));
	fputs(!good && refusal[0] != '\0' ? ": " : "", stdout);
	text_print(good ? "" : refusal, 0);
	if (why[0] != '\0')
	{
		fputs(good ? "because: " : "  because: ", stdout);
		text_print(why, 0);
	}
	putchar('\n');
}

static void
add_given(cJSON *filters, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		cJSON_AddStringToObject(filters, name, text);
}

ExitCode
audit_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(json) cJSON *filters = cJSON_CreateObject();
	CLEANUP(free) char *asked = NULL;
	char limit[16];
	ExitCode code = EXIT_DONE;

	if (argc > 1)
		return session_usage("audit", "name one id, or none");
	if (!session_open(&session, options, &code))
		return code;
	add_given(filters, "resource_id", argc == 1 ? argv[0] : NULL);
	add_given(filters, "user", option_text(options, OPTION_USER));
	add_given(filters, "from", option_text(options, OPTION_SINCE));
	asked = json_print(filters);
	snprintf(limit, sizeof limit, "%.0f", option_number(options, OPTION_LIMIT));

	const char *params[] = {asked, limit};

	return session_list(
		&session,
		"SELECT coalesce(jsonb_agg(to_jsonb(a) - '{cursor,n}'::text[] ORDER BY a.n), "
		"'[]') FROM "
		"(SELECT l.*, row_number() OVER () AS n FROM leap.audit_list($1::jsonb, most => "
		"$2::int) l) a",
		params, 2, "nothing was done that this asks for", print_entry);
}
