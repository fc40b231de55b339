/*
 * cli/watch.c
 *	  leap watch: runs until their end.
 *
 * The database tells nobody of moves and progress (docs/events.md says why), so it is asked,
 * with one statement for all recordings: twice a second while something of them is worked on,
 * else every two seconds. Operations and tasks that become ready ring a bell, which is heard
 * here as well and shortens the wait.
 */
#include "cli/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/keyboard.h"

#define BUSY_SECONDS  0.5
#define IDLE_SECONDS  2.0
#define LEAST_SECONDS 0.1 /* between two looks, however often a bell rings */

typedef struct Watch
{
	const Session *session;
	Watched *rows;
	size_t count;
	bool live;
	bool quit;   /* a person has seen enough */
	double took; /* seconds, the last look */
	Frame frame;
} Watch;

static bool
is_busy(const Watched *row)
{
	const cJSON *task;

	cJSON_ArrayForEach(
		task, json_at(row->now, "tasks")) if (strcmp(json_text(task, "state", ""),
													 "running") == 0) return true;
	return false;
}

/* The ids of those that go on, as an array of PostgreSQL. */
static void
put_ids(const Watch *watch, Buffer *ids)
{
	buffer_puts(ids, "{");
	for (size_t i = 0; i < watch->count; i++)
		if (!watch->rows[i].ended)
			buffer_printf(ids, "%s%s", ids->length > 1 ? "," : "", watch->rows[i].id);
	buffer_puts(ids, "}");
}

/* Asks how they stand. */
static bool
look(Watch *watch, Error *err)
{
	CLEANUP(json) cJSON *list = NULL;
	CLEANUP(buffer) Buffer ids;
	const char *params[1];
	double begun;
	int at = 0;

	buffer_init(&ids);
	put_ids(watch, &ids);
	params[0] = ids.data;
	begun = clock_seconds();
	if (!db_json(
			watch->session->db,
			"SELECT coalesce(jsonb_agg(leap.recording_detail(x.id) ORDER BY x.n), '[]') "
			"FROM unnest($1::uuid[]) WITH ORDINALITY AS x(id, n)",
			params, 1, &list, err))
		return false;
	watch->took = clock_seconds() - begun;
	for (size_t i = 0; i < watch->count; i++)
	{
		Watched *row = &watch->rows[i];

		if (row->ended)
			continue;
		cJSON_Delete(row->now);
		row->now = cJSON_DetachItemFromArray(list, 0);
		at++;
		watch_judge(row);
	}
	return at > 0;
}

static bool
has_ended(const Watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		if (!watch->rows[i].ended)
			return false;
	return true;
}

static void
draw(Watch *watch)
{
	frame_begin(&watch->frame);
	watch_draw(&watch->frame, watch->rows, watch->count);
	if (keyboard_fd() >= 0 && !has_ended(watch))
	{
		frame_text(&watch->frame, "faint", "q ends watching; the work goes on", 0);
		frame_end_line(&watch->frame);
	}
	frame_show(&watch->frame);
}

/* A press of q, Ctrl-C, Ctrl-Z. */
static void
obey(Watch *watch)
{
	KeyboardSignals signals = keyboard_signals();
	Key key;

	while ((key = keyboard_read()) != KEY_NONE)
		watch->quit |= key == (Key) 'q' || key == (Key) 'Q';
	watch->quit |= signals.interrupted;
	if (!signals.stopped)
		return;
	if (watch->live)
		frame_leave(&watch->frame);
	keyboard_stop();
}

/* Until the next look is due; a resize is answered at once. */
static bool
wait_for_next(Watch *watch, Error *err)
{
	double now = clock_seconds();
	double earliest = now + LEAST_SECONDS;
	double latest = now + IDLE_SECONDS;
	bool heard = false;

	for (size_t i = 0; i < watch->count; i++)
		if (!watch->rows[i].ended && is_busy(&watch->rows[i]))
			latest = now + BUSY_SECONDS;
	/* of hundreds a look takes its time: a fifth of it at most is the database's */
	if (latest < now + 4 * watch->took)
		latest = now + 4 * watch->took;
	if (earliest < now + watch->took)
		earliest = now + watch->took;
	while (!watch->quit && clock_seconds() < (heard ? earliest : latest))
	{
		bool rung = false;

		if (!db_wait_or(watch->session->db, keyboard_fd(),
						(heard ? earliest : latest) - clock_seconds(), &rung, err))
			return false;
		heard |= rung;
		obey(watch);
		if (watch->live && !watch->quit)
			draw(watch);
	}
	return true;
}

static bool
listen(const Watch *watch, Error *err)
{
	static const char *const bells[] = {"leap_orders", "leap_upload", "leap_processing"};

	for (size_t i = 0; i < sizeof bells / sizeof bells[0]; i++)
		if (!db_listen(watch->session->db, bells[i], err))
			return false;
	return true;
}

/* False when something went wrong: *err says what, or it is told already and *code set. */
static bool
watch_all(Watch *watch, ExitCode *code, Error *err)
{
	bool good = listen(watch, err);

	while (good && !watch->quit)
	{
		good = look(watch, err);
		if (good && watch->live)
			draw(watch);
		for (size_t i = 0; good && !watch->live && i < watch->count; i++)
			good = watch_lines(watch->session, &watch->rows[i], watch->count > 1, code);
		if (!good || has_ended(watch))
			return good;
		good = wait_for_next(watch, err);
	}
	return good;
}

ExitCode
watch_runs(const Session *session, const char *const *ids, size_t count)
{
	CLEANUP(free) Watched *rows = calloc(count + 1, sizeof *rows);
	Watch watch = {.session = session, .rows = rows, .count = count};
	ExitCode code = EXIT_DONE;
	Error err = {0};
	bool good;

	if (rows == NULL)
		return EXIT_FAILED;
	for (size_t i = 0; i < count; i++)
		rows[i].id = ids[i];
	frame_open(&watch.frame, session->colour);
	watch.live = !session->json && watch.frame.terminal;
	keyboard_open();
	good = watch_all(&watch, &code, &err);
	if (watch.live && good)
		draw(&watch);
	if (watch.live)
		frame_close(&watch.frame);
	keyboard_close();
	if (!good)
		code = err.code[0] != '\0' ? session_error(session, &err) : code;
	else
		code = has_ended(&watch) ? watch_tell(session, rows, count) : EXIT_INTERRUPTED;
	for (size_t i = 0; i < count; i++)
		cJSON_Delete(rows[i].now);
	return code;
}

ExitCode
watch_run(const Session *session, const char *id)
{
	return watch_runs(session, &id, 1);
}

/* Those that a list of {"id"} names. */
static ExitCode
watch_list(const Session *session, const cJSON *list, const char *none, const char *hint)
{
	CLEANUP(free) const char **ids = NULL;
	const cJSON *item;
	Error err = {0};
	size_t count = 0;

	if (cJSON_GetArraySize(list) == 0)
	{
		error_set(&err, ERROR_PERMANENT, "not_found", hint, "%s", none);
		(void) session_error(session, &err);
		return EXIT_NOT_FOUND;
	}
	ids = calloc((size_t) cJSON_GetArraySize(list), sizeof *ids);
	if (ids == NULL)
		return EXIT_FAILED;
	cJSON_ArrayForEach(item, list) ids[count++] = json_text(item, "id", "");
	return watch_runs(session, ids, count);
}

static ExitCode
watch_named(const Session *session, int argc, char **argv)
{
	CLEANUP(json) cJSON *list = cJSON_CreateArray();
	ExitCode code = EXIT_DONE;

	for (int i = 0; i < argc; i++)
	{
		CLEANUP(free) char *id = NULL;
		cJSON *item;

		if (!session_find(session, argv[i], &id, &code))
			return code;
		item = cJSON_CreateObject();
		cJSON_AddStringToObject(item, "id", id);
		cJSON_AddItemToArray(list, item);
	}
	return watch_list(session, list, "", NULL);
}

ExitCode
watch_command(const Options *options, int argc, char **argv)
{
	CLEANUP(session) Session session = {0};
	CLEANUP(json) cJSON *list = NULL;
	bool all = option_flag(options, OPTION_ALL);
	ExitCode code = EXIT_DONE;

	if (all && argc > 0)
		return session_usage("watch", "name recordings, or say --all");
	if (!session_open(&session, options, &code))
		return code;
	if (argc > 0)
		return watch_named(&session, argc, argv);
	if (!session_ask(
			&session,
			all ? "SELECT coalesce(jsonb_agg(jsonb_build_object('id', "
				  "r.recording_id) ORDER BY r.started_at), '[]') FROM leap.runs r "
				  "WHERE r.state = 'active'"
				: "SELECT leap.recording_list(\"limit\" => 1)",
			NULL, 0, &list, &code))
		return code;
	return all ? watch_list(&session, list, "no recording has an active run",
							"leap run ID starts one")
			   : watch_list(&session, list, "there is no recording",
							"add one: leap add FILE");
}
