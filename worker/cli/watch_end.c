/*
 * cli/watch_end.c
 *	  leap watch: how runs ended, and what a person can do then.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/doubts.h"
#include "cli/watch.h"

void
watch_judge(Watched *row)
{
	const char *state = json_text(row->now, "run.state", NULL);

	row->ended = true;
	if (json_at(row->now, "hold.reason") != NULL || state == NULL)
		row->code = EXIT_REFUSED;
	else if (strcmp(state, "finished") == 0)
		row->code = EXIT_DONE;
	else if (strcmp(state, "active") == 0)
		row->ended = false;
	else
		row->code = EXIT_FAILED;
}

/* A message may quote what a recording says of itself. */
static void
tell(const char *label, const char *text)
{
	fputs(label, stderr);
	text_write(stderr, text, 0);
	fputc('\n', stderr);
}

/* A run may leave what is published as it is. */
static void
tell_target(const cJSON *target, const char *id)
{
	if (json_bool(target, "outdated", false))
		printf("published before: %s\nhint: leap run %s publishes what was made since\n",
			   json_text(target, "url", ""), id);
	else
		printf("published: %s\n", json_text(target, "url", ""));
}

static void
tell_hold(const cJSON *recording)
{
	if (!doubts_hold(recording))
	{
		tell("held: ", json_text(recording, "hold.message", ""));
		return;
	}
	fputs("held: until somebody has read its transcript\n", stderr);
	doubts_print(stderr, recording, 0);
}

/* What became of one. */
static void
tell_one(const cJSON *recording, ExitCode code)
{
	const char *id = json_text(recording, "id", "");
	const char *hint = json_text(recording, "error.hint", "");
	const cJSON *target;

	if (code == EXIT_REFUSED && json_at(recording, "hold.reason") == NULL)
		fprintf(stderr, "no run of this recording has begun\nhint: leap run %s\n", id);
	else if (code == EXIT_REFUSED)
	{
		tell_hold(recording);
		fprintf(stderr, "hint: leap %s %s lets it go on, leap cancel ends it\n",
				text_release(recording), id);
	}
	else if (strcmp(json_text(recording, "run.state", ""), "cancelled") == 0)
		fprintf(stderr,
				"cancelled: the run was cancelled\nhint: leap run %s continues it\n", id);
	else if (code == EXIT_FAILED)
	{
		tell("failed: ", json_text(recording, "error.message", "a step failed"));
		tell("hint: ", hint[0] != '\0' ? hint : "leap show tells more");
	}
	else
		cJSON_ArrayForEach(
			target, json_at(recording, "targets")) if (json_text(target, "url", NULL) !=
													   NULL) tell_target(target, id);
}

/* The word for how one ended. */
static const char *
word_of(const Watched *row)
{
	return json_at(row->now, "hold.reason") != NULL
			   ? "held"
			   : json_text(row->now, "run.state", "none");
}

/* The last line for programs. */
static void
print_json_end(const Watched *row)
{
	CLEANUP(json) cJSON *line = cJSON_CreateObject();
	CLEANUP(free) char *text = NULL;
	static const char *const members[] = {"status", "hold", "error", "targets"};

	cJSON_AddStringToObject(line, "entity", "end");
	cJSON_AddStringToObject(line, "recording", row->id);
	cJSON_AddStringToObject(line, "state", word_of(row));
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
	{
		const cJSON *member = json_at(row->now, members[i]);

		if (member != NULL && !cJSON_IsNull(member))
			cJSON_AddItemToObject(line, members[i], cJSON_Duplicate(member, true));
	}
	cJSON_AddNumberToObject(line, "exit_status", row->code);
	text = json_print(line);
	puts(text);
}

/* "12 recordings: 10 finished, 1 failed, 1 held" */
static void
print_summary(const Watched *rows, size_t count)
{
	static const char *const words[] = {"finished", "failed", "cancelled", "held",
										"none"};
	const char *comma = ": ";

	printf("%zu recordings", count);
	for (size_t word = 0; word < sizeof words / sizeof words[0]; word++)
	{
		size_t found = 0;

		for (size_t i = 0; i < count; i++)
			found += strcmp(word_of(&rows[i]), words[word]) == 0;
		if (found == 0)
			continue;
		printf("%s%zu %s", comma, found,
			   strcmp(words[word], "none") == 0 ? "without a run" : words[word]);
		comma = ", ";
	}
	putchar('\n');
}

/* One status for all: that of each if they agree, else whether anything went well. */
static ExitCode
joined(const Watched *rows, size_t count)
{
	bool done = false;
	bool agree = true;

	for (size_t i = 0; i < count; i++)
	{
		done |= rows[i].code == EXIT_DONE;
		agree &= rows[i].code == rows[0].code;
	}
	return agree ? rows[0].code : done ? EXIT_PARTIAL : EXIT_FAILED;
}

ExitCode
watch_tell(const Session *session, const Watched *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		if (session->json)
		{
			print_json_end(&rows[i]);
			continue;
		}
		if (count > 1 && rows[i].code == EXIT_DONE)
			continue; /* it is in the picture, or was told line by line */
		if (count > 1)
		{
			fflush(stdout);
			tell("", json_text(rows[i].now, "name", ""));
		}
		tell_one(rows[i].now, rows[i].code);
	}
	if (count > 1 && !session->json)
		print_summary(rows, count);
	return joined(rows, count);
}
