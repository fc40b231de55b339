/*
 * cli/watch_picture.c
 *	  leap watch on a terminal: bars per recording and step, or per recording only where
 *	  there are more than fit.
 */
#include <string.h>

#include "base/json.h"
#include "cli/watch.h"

#define KIND_COLUMNS    11
#define STATUS_COLUMNS  14
#define PERCENT_COLUMNS 6
#define TIME_COLUMNS    9
#define BEFORE_BAR      (4 + KIND_COLUMNS)
#define LEAST_BAR       10
#define MOST_BAR        40

/* A sign for a state; its colour is that of the state. */
static const char *
sign_of(const char *state)
{
	static const struct
	{
		const char *state;
		const char *sign;
	} rows[] = {
		{"succeeded", "✓"},
        {"finished",  "✓"},
        {"running",   "▸"},
        {"failed",    "✗"},
		{"cancelled", "✗"},
        {"held",      "‖"},
        {"skipped",   "–"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].state, state) == 0)
			return rows[i].sign;
	return "·";
}

/* How a recording stands, in the words of tasks. */
static const char *
state_of(const Watched *row)
{
	const char *run = json_text(row->now, "run.state", "ready");
	const cJSON *task;

	if (json_at(row->now, "hold.reason") != NULL)
		return "held";
	if (strcmp(run, "active") != 0)
		return run;
	cJSON_ArrayForEach(
		task, json_at(row->now, "tasks")) if (strcmp(json_text(task, "state", ""),
													 "running") == 0) return "running";
	return "ready";
}

static int
bar_cells(const Frame *frame)
{
	int cells = frame->columns - 57;

	return cells < LEAST_BAR ? LEAST_BAR : cells > MOST_BAR ? MOST_BAR : cells;
}

/* What is to be said of a step beside its bar. */
static const char *
note_of(const cJSON *task)
{
	const char *state = json_text(task, "state", "");
	const char *error = json_text(task, "error.message", NULL);

	if (strcmp(state, "running") == 0)
		return json_text(task, "current_step", "at work");
	if (error != NULL && strcmp(state, "succeeded") != 0)
		return error;
	return json_text(task, "skip_reason",
					 strcmp(state, "blocked") == 0     ? ""
					 : strcmp(state, "ready") == 0     ? "waits for a worker"
					 : strcmp(state, "succeeded") == 0 ? ""
													   : state);
}

static void
draw_task(Frame *frame, const cJSON *task)
{
	const char *state = json_text(task, "state", "");
	double seconds = json_number(task, "elapsed_seconds", -1);
	double percent = json_number(task, "progress", 0);
	bool begun = seconds >= 0;
	char elapsed[TEXT_SIZE];

	frame_text(frame, NULL, "  ", 2);
	frame_text(frame, state, sign_of(state), 2);
	frame_text(frame, begun ? NULL : "faint", json_text(task, "kind", ""), KIND_COLUMNS);
	frame_text(frame, NULL, " ", 1);
	frame_bar(frame, state, percent, bar_cells(frame));
	if (begun)
		frame_format(frame, NULL, -PERCENT_COLUMNS, "%.0f %%", percent);
	frame_to(frame, BEFORE_BAR + 1 + bar_cells(frame) + PERCENT_COLUMNS);
	frame_text(frame, NULL, begun ? text_seconds(seconds, elapsed) : "", -TIME_COLUMNS);
	if (json_number(task, "attempt", 0) > 1)
		frame_format(frame, "warning", 0, "  try %.0f", json_number(task, "attempt", 0));
	frame_text(frame, NULL, "  ", 2);
	frame_text(frame, strcmp(state, "failed") == 0 ? state : "faint", note_of(task), 0);
	frame_end_line(frame);
}

/* "waiting: no worker serves the queue upload (start one: leap worker)" */
static void
draw_waiting(Frame *frame, const Watched *row)
{
	const char *hold = json_text(row->now, "hold.message", NULL);
	bool held = json_at(row->now, "hold.reason") != NULL;

	if (!held && json_at(row->now, "waiting.reason") == NULL)
		return;
	frame_text(frame, "warning", held ? "    held: " : "    waiting: ", 0);
	frame_text(frame, "warning",
			   held ? hold != NULL ? hold : "until a person decides"
					: json_text(row->now, "waiting.reason", ""),
			   0);
	if (!held)
	{
		frame_text(frame, NULL, " (", 0);
		frame_text(frame, NULL, json_text(row->now, "waiting.remedy", ""), 0);
		frame_text(frame, NULL, ")", 0);
	}
	frame_end_line(frame);
}

static void
draw_whole(Frame *frame, const Watched *row)
{
	const char *status = json_text(row->now, "status", "");
	int name = frame->columns - STATUS_COLUMNS - PERCENT_COLUMNS - 1;
	const cJSON *task;

	frame_text(frame, "heading", json_text(row->now, "name", ""), name);
	frame_text(frame, NULL, " ", 1);
	frame_text(frame, status, status, -STATUS_COLUMNS);
	frame_format(frame, NULL, -PERCENT_COLUMNS, "%.0f %%",
				 json_number(row->now, "progress", 0));
	frame_end_line(frame);
	cJSON_ArrayForEach(task, json_at(row->now, "tasks")) draw_task(frame, task);
	draw_waiting(frame, row);
}

/* What one does now, beside its bar. */
static void
draw_news(Frame *frame, const Watched *row)
{
	const cJSON *item;

	if (row->ended)
	{
		cJSON_ArrayForEach(
			item, json_at(row->now, "targets")) if (row->code == EXIT_DONE &&
													json_text(item, "url", NULL) != NULL)
		{
			frame_text(frame, NULL, json_text(item, "url", ""), 0);
			return;
		}
		frame_text(frame, state_of(row),
				   json_text(row->now, "hold.message",
							 json_text(row->now, "error.message", state_of(row))),
				   0);
		return;
	}
	cJSON_ArrayForEach(
		item, json_at(row->now, "tasks")) if (strcmp(json_text(item, "state", ""),
													 "running") == 0)
	{
		frame_format(frame, "running", 0, "%s %.0f %%  ", json_text(item, "kind", ""),
					 json_number(item, "progress", 0));
		frame_text(frame, "faint", json_text(item, "current_step", ""), 0);
		return;
	}
	frame_text(frame, "faint",
			   json_text(row->now, "waiting.reason", json_text(row->now, "status", "")),
			   0);
}

static void
draw_short(Frame *frame, const Watched *row)
{
	int name = frame->columns * 2 / 5;
	int bar = frame->columns / 5 < LEAST_BAR ? LEAST_BAR : frame->columns / 5;
	const char *state = state_of(row);

	frame_text(frame, state, sign_of(state), 2);
	frame_text(frame, NULL, json_text(row->now, "name", ""), name - 3);
	frame_text(frame, NULL, " ", 1);
	frame_bar(frame, state, json_number(row->now, "progress", 0), bar);
	frame_format(frame, NULL, -PERCENT_COLUMNS, "%.0f %%",
				 json_number(row->now, "progress", 0));
	frame_text(frame, NULL, "  ", 2);
	draw_news(frame, row);
	frame_end_line(frame);
}

static int
lines_of(const Watched *row)
{
	return 1 + cJSON_GetArraySize(json_at(row->now, "tasks")) +
		   (json_at(row->now, "hold.reason") != NULL ||
			json_at(row->now, "waiting.reason") != NULL);
}

/* Those that move first, then those that wait, then those that ended; as long as there is
 * room, and one line about the rest. */
static void
draw_some(Frame *frame, const Watched *rows, size_t count)
{
	static const char *const order[] = {"running", "ready", NULL};
	size_t left = count;

	for (size_t pass = 0; pass < 3; pass++)
		for (size_t i = 0; i < count; i++)
		{
			const char *state = rows[i].ended ? "ended" : state_of(&rows[i]);
			bool wanted =
				order[pass] != NULL ? strcmp(order[pass], state) == 0 : rows[i].ended;

			if (!wanted || (frame_room(frame) <= 3 && left > 1))
				continue;
			draw_short(frame, &rows[i]);
			left--;
		}
	if (left == 0)
		return;
	frame_format(frame, "faint", 0, "… and %zu more", left);
	frame_end_line(frame);
}

static void
draw_totals(Frame *frame, const Watched *rows, size_t count)
{
	size_t ended = 0;
	size_t bad = 0;

	for (size_t i = 0; i < count; i++)
	{
		ended += rows[i].ended;
		bad += rows[i].ended && rows[i].code != EXIT_DONE;
	}
	frame_format(frame, "heading", 0, "%zu of %zu ended", ended, count);
	if (bad > 0)
		frame_format(frame, "failed", 0, ", %zu not well", bad);
	frame_end_line(frame);
}

void
watch_draw(Frame *frame, const Watched *rows, size_t count)
{
	int lines = 1 + (int) count;

	for (size_t i = 0; i < count; i++)
		lines += lines_of(&rows[i]);
	if (lines > frame_room(frame) && count > 1)
		draw_some(frame, rows, count);
	else
		for (size_t i = 0; i < count; i++)
		{
			draw_whole(frame, &rows[i]);
			if (count > 1)
				frame_end_line(frame);
		}
	if (count > 1)
		draw_totals(frame, rows, count);
}
