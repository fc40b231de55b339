/*
 * cli/show.c
 *	  leap show: all about one recording, with --files also where everything lies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/doubts.h"
#include "cli/session.h"
#include "cli/text.h"

static void
print_line(const char *label, const char *text)
{
	printf("%-10s ", label);
	text_print(text, 0);
	putchar('\n');
}

static void
print_error(const char *label, const cJSON *error)
{
	if (!cJSON_IsObject(error))
		return;
	print_line(label, json_text(error, "message", ""));
	if (json_text(error, "hint", "")[0] != '\0')
		print_line("  hint", json_text(error, "hint", ""));
}

static void
print_deletion(const cJSON *recording)
{
	const char *until = json_text(recording, "restore_until", NULL);
	char when[TEXT_SIZE];
	char last[TEXT_SIZE];

	if (json_text(recording, "deleted_at", NULL) == NULL)
		return;
	printf("%-10s %s; ", "deleted",
		   text_time(json_text(recording, "deleted_at", ""), when));
	if (until != NULL)
		printf("leap restore brings it back until %s\n", text_time(until, last));
	else
		puts("its files are gone");
}

/* Which template it has, or why none. */
static void
print_template(const cJSON *recording)
{
	const char *reason = json_text(recording, "unmatched_reason", NULL);

	if (json_text(recording, "template.name", NULL) != NULL)
		print_line("template", json_text(recording, "template.name", ""));
	else if (reason != NULL)
	{
		printf("%-10s none: ", "template");
		text_print(reason, 0);
		putchar('\n');
	}
}

/* How it was cut, and what was removed. */
static void
print_cut(const cJSON *recording)
{
	static const struct
	{
		const char *mode;
		const char *words;
	} modes[] = {
		{"copy",     "copied without encoding"                  },
		{"exact",    "exact, only what lies around cuts encoded"},
		{"reencode", "encoded anew"                             },
	};
	const cJSON *cut = json_at(recording, "facts.cut");
	const char *mode = json_text(cut, "mode", "");
	double spans = json_number(cut, "spans", 1);
	char removed[TEXT_SIZE];

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i].mode, mode) == 0)
			printf("%-10s %s; %.0f part%s, %s removed (%.1f %%)\n", "cut", modes[i].words,
				   spans, spans == 1 ? "" : "s",
				   text_seconds(json_number(cut, "removed_seconds", 0), removed),
				   100 * json_number(cut, "removed_share", 0));
}

/* The metadata of one file, or NULL. */
static const cJSON *
metadata_of(const cJSON *recording, const char *kind)
{
	const cJSON *file;

	cJSON_ArrayForEach(
		file,
		json_at(recording, "artifacts")) if (strcmp(json_text(file, "kind", ""), kind) ==
											 0) return json_at(file, "metadata");
	return NULL;
}

/* Who said that they may be published all the same. */
static void
print_acceptance(const cJSON *accepted)
{
	char when[TEXT_SIZE];

	if (accepted == NULL)
		return;
	printf("%-10s ", "accepted");
	text_print(json_text(accepted, "by", ""), 0);
	printf(", %s\n", text_time(json_text(accepted, "at", ""), when));
}

/* Whether the words can be trusted, who heard them, and who could not. */
static void
print_quality(const cJSON *recording)
{
	const cJSON *quality = json_at(recording, "facts.quality");
	const char *provider =
		json_text(recording, "facts.provider",
				  json_text(metadata_of(recording, "transcript"), "provider", NULL));
	double confidence = json_number(quality, "mean_confidence", -1);
	const cJSON *item;

	if (cJSON_IsObject(quality))
	{
		printf("%-10s %s", "words", json_text(quality, "verdict", ""));
		if (confidence >= 0)
			printf(", mean confidence %.2f", confidence);
		printf("%s%s\n", provider != NULL ? ", heard by " : "",
			   provider != NULL ? provider : "");
		print_acceptance(json_at(quality, "accepted"));
	}
	doubts_print(stdout, recording, 11);
	cJSON_ArrayForEach(item, json_at(recording, "facts.provider_errors"))
	{
		printf("%-10s %s: ", "passed by", json_text(item, "provider", ""));
		text_print(json_text(item, "message", ""), 0);
		putchar('\n');
	}
}

/* What it cost to ask providers. */
static void
print_usage(const cJSON *recording)
{
	const cJSON *item;
	char sound[TEXT_SIZE];

	cJSON_ArrayForEach(item, json_at(recording, "usage"))
	{
		double seconds = json_number(item, "audio_seconds", 0);
		double tokens =
			json_number(item, "input_tokens", 0) + json_number(item, "output_tokens", 0);

		printf("%-10s %s: %.0f request%s", "asked", json_text(item, "provider", ""),
			   json_number(item, "requests", 0),
			   json_number(item, "requests", 0) == 1 ? "" : "s");
		if (seconds > 0)
			printf(", %s of sound", text_seconds(seconds, sound));
		if (tokens > 0)
			printf(", %.0f tokens", tokens);
		if (cJSON_IsNumber(json_at(item, "cost")))
			printf(", %.4g %s", json_number(item, "cost", 0),
				   json_text(item, "currency", ""));
		putchar('\n');
	}
}

/* Why nothing goes on, and the calls that let it. */
static void
print_hold(const cJSON *recording)
{
	bool doubts = doubts_hold(recording);

	/* what speaks against its words is told with them */
	print_line("held", doubts ? "until somebody has read its transcript"
							  : json_text(recording, "hold.message", ""));
	if (doubts)
		printf("%-10s leap transcript %s prints it\n", "  hint",
			   json_text(recording, "id", ""));
	printf("%-10s leap %s lets it go on\n", "  hint", text_release(recording));
	if (doubts)
		printf("%-10s leap retry %s --provider NAME has it heard by another provider\n",
			   "  hint", json_text(recording, "id", ""));
}

/* That the words are doubtful is said with the reasons already; what became of them is not. */
static void
print_flag(const cJSON *recording, const cJSON *flag)
{
	if (strcmp(json_text(flag, "code", ""), "low_quality") != 0 ||
		cJSON_GetArraySize(json_at(recording, "facts.quality.reasons")) == 0)
		print_line("note", json_text(flag, "message", ""));
	else if (!doubts_hold(recording))
		print_line("note", json_bool(recording, "facts.quality.withheld", false)
							   ? "The words are doubtful; nothing of them is published."
							   : "The words are doubtful; read them before people rely "
								 "on them.");
}

static void
print_head(const Session *session, const cJSON *recording)
{
	const char *status = json_text(recording, "status", "");
	char source[TEXT_SIZE];
	char lesson[TEXT_SIZE];
	char when[TEXT_SIZE];
	const cJSON *flag;

	print_line("name", json_text(recording, "name", ""));
	print_line("id", json_text(recording, "id", ""));
	print_line("owner", json_text(recording, "user.email", ""));
	printf("%-10s %s%s%s  (%.0f %%)\n", "status", text_colour(session->colour, status),
		   status, text_plain(session->colour), json_number(recording, "progress", 0));
	printf("%-10s %s, lesson %s\n", "length",
		   text_seconds(json_number(recording, "duration", -1), source),
		   text_seconds(json_number(recording, "final_duration", -1), lesson));
	print_cut(recording);
	print_quality(recording);
	print_usage(recording);
	print_template(recording);
	print_deletion(recording);
	if (json_text(recording, "next_attempt_at", NULL) != NULL)
		print_line("next try",
				   text_time(json_text(recording, "next_attempt_at", ""), when));
	print_error("error", json_at(recording, "error"));
	if (json_at(recording, "hold.reason") != NULL)
		print_hold(recording);
	if (json_at(recording, "waiting.reason") != NULL &&
		json_at(recording, "hold.reason") == NULL)
		printf("%-10s %s (%s)\n", "waiting", json_text(recording, "waiting.reason", ""),
			   json_text(recording, "waiting.remedy", ""));
	cJSON_ArrayForEach(flag, json_at(recording, "flags")) print_flag(recording, flag);
}

static void
print_task(const Session *session, const cJSON *task)
{
	const char *state = json_text(task, "state", "");
	char elapsed[TEXT_SIZE];

	printf("  %-11s %s%-10s%s %8s", json_text(task, "kind", ""),
		   text_colour(session->colour, state), state, text_plain(session->colour),
		   text_seconds(json_number(task, "elapsed_seconds", -1), elapsed));
	if (json_number(task, "attempt", 0) > 1)
		printf("  try %.0f", json_number(task, "attempt", 0));
	if (json_text(task, "skip_reason", NULL) != NULL)
	{
		fputs("  ", stdout);
		text_print(json_text(task, "skip_reason", ""), 0);
	}
	else if (strcmp(state, "running") == 0)
		printf("  %.0f %% %s", json_number(task, "progress", 0),
			   json_text(task, "current_step", ""));
	putchar('\n');
}

static void
print_target(const Session *session, const cJSON *target)
{
	const char *status = json_text(target, "status", "");

	printf("  %-11s %s%s%s  %s\n", json_text(target, "type", ""),
		   text_colour(session->colour, status), status, text_plain(session->colour),
		   json_text(target, "url", ""));
	if (json_bool(target, "outdated", false))
		puts("              older than what was made since; leap run publishes that");
}

static void
print_file(const Session *session, const cJSON *file)
{
	char size[TEXT_SIZE];
	char length[TEXT_SIZE] = "";
	double seconds = json_number(file, "metadata.duration", -1);

	if (seconds >= 0)
		text_seconds(seconds, length);
	printf("  %-11s %10s %8s  %s/%s\n", json_text(file, "kind", ""),
		   text_bytes(json_int64(file, "bytes", 0), size), length,
		   option_text(session->options, OPTION_STORAGE), json_text(file, "uri", ""));
}

static void
print_recording(const Session *session, const cJSON *recording)
{
	const cJSON *item;

	print_head(session, recording);
	puts("steps");
	cJSON_ArrayForEach(item, json_at(recording, "tasks")) print_task(session, item);
	if (option_flag(session->options, OPTION_FILES))
	{
		puts("files");
		cJSON_ArrayForEach(item, json_at(recording, "artifacts"))
			print_file(session, item);
	}
	puts("targets");
	cJSON_ArrayForEach(item, json_at(recording, "targets")) print_target(session, item);
}

ExitCode
show_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(free) char *id = NULL;
	CLEANUP(json) cJSON *recording = NULL;
	const char *param;
	ExitCode code = EXIT_DONE;

	if (argc != 1)
		return session_usage("show", "name one recording");
	if (!session_open(&session, options, &code) ||
		!session_find(&session, argv[0], &id, &code))
		return code;
	param = id;
	if (!session_ask(&session, "SELECT leap.recording_detail($1::uuid)", &param, 1,
					 &recording, &code))
		return code;
	if (session.json)
		session_print_json(recording);
	else
		print_recording(&session, recording);
	return EXIT_DONE;
}
