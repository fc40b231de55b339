/*
 * cli/words.c
 *	  leap search, transcript: what was said, found and read.
 */
#include "cli/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/text.h"

static void
cleanup_input(FILE **file)
{
	if (*file != NULL && *file != stdin)
		fclose(*file);
}

bool
words_read(const char *path, size_t most, Buffer *text, Error *err)
{
	CLEANUP(input) FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char part[16384];
	size_t got;

	if (file == NULL)
		return error_set(err, ERROR_PERMANENT, "usage", "Look at its name.",
						 "cannot read %s: %s", path, strerror(errno));
	while ((got = fread(part, 1, sizeof part, file)) > 0)
	{
		if (got > most - text->length)
			return error_set(err, ERROR_PERMANENT, "usage", "Name another file.",
							 "%s has more than %zu bytes", path, most);
		if (memchr(part, 0, got) != NULL)
			return error_set(err, ERROR_PERMANENT, "usage", "Name a file of text.",
							 "%s is no text", path);
		buffer_append(text, part, got);
	}
	if (ferror(file))
		return error_set(err, ERROR_PERMANENT, "usage", "Name an ordinary file.",
						 "cannot read %s: %s", path, strerror(errno));
	return true;
}

/* The words of a query are one argument or several. */
static void
join_words(Buffer *query, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
	{
		buffer_puts(query, i > 0 ? " " : "");
		buffer_puts(query, argv[i]);
	}
}

static void
print_hit(const cJSON *hit)
{
	char moment[TEXT_SIZE];

	printf("%8s  ", text_seconds(json_number(hit, "moment", 0), moment));
	text_print(json_text(hit, "name", ""), 0);
	printf("  %s  %s\n          ", json_text(hit, "owner", ""),
		   json_text(hit, "recording_id", ""));
	text_print(json_text(hit, "snippet", ""), 0);
	putchar('\n');
}

static ExitCode
print_hits(const Session *session, const cJSON *hits)
{
	const cJSON *hit;

	if (session->json)
		session_print_json(hits);
	else if (cJSON_GetArraySize(hits) == 0)
		puts("nothing was found");
	else
		cJSON_ArrayForEach(hit, hits) print_hit(hit);
	return EXIT_DONE;
}

ExitCode
search_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(buffer) Buffer query = {0};
	CLEANUP(free) char *id = NULL;
	CLEANUP(json) cJSON *hits = NULL;
	const char *language = option_text(options, OPTION_LANGUAGE);
	const char *recording = option_text(options, OPTION_RECORDING);
	char most[16];
	ExitCode code = EXIT_DONE;

	if (argc < 1)
		return session_usage("search", "say what to look for");
	if (!session_open(&session, options, &code) ||
		(recording[0] != '\0' && !session_find(&session, recording, &id, &code)))
		return code;
	join_words(&query, argc, argv);
	snprintf(most, sizeof most, "%.0f",
			 options->given[OPTION_LIMIT] ? option_number(options, OPTION_LIMIT) : 10);

	const char *params[] = {query.data, language[0] != '\0' ? language : NULL, id, most};

	if (!session_ask(
			&session,
			"SELECT coalesce(jsonb_agg(to_jsonb(h) ORDER BY h.n), '[]') FROM (SELECT "
			"s.*, "
			"row_number() OVER () AS n FROM leap.search_transcripts($1, $2, $3::uuid, "
			"most => $4::int) s) h",
			params, 4, &hits, &code))
		return code;
	return print_hits(&session, hits);
}

static void
print_transcript(const cJSON *transcript)
{
	const cJSON *segment;
	char start[TEXT_SIZE];

	cJSON_ArrayForEach(segment, json_at(transcript, "segments"))
	{
		printf("%8s  ", text_seconds(json_number(segment, "start", 0), start));
		text_print(json_text(segment, "text", ""), 0);
		putchar('\n');
	}
}

ExitCode
transcript_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(free) char *id = NULL;
	CLEANUP(json) cJSON *transcript = NULL;
	const char *param;
	ExitCode code = EXIT_DONE;

	if (argc != 1)
		return session_usage("transcript", "name one recording");
	if (!session_open(&session, options, &code) ||
		!session_find(&session, argv[0], &id, &code))
		return code;
	param = id;
	if (!session_ask(&session, "SELECT leap.transcript($1::uuid)", &param, 1, &transcript,
					 &code))
		return code;
	if (session.json)
		session_print_json(transcript);
	else
		print_transcript(transcript);
	return EXIT_DONE;
}
