/*
 * cli/top_picture.c
 *	  The picture of leap top: queues, workers, running tasks, trouble.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/text.h"
#include "cli/top.h"

#define NUMBER_COLUMNS 10
#define NAME_COLUMNS   14
#define LATE_SECONDS   600
#define BAR_CELLS      10
#define LEAST_TASKS    3
#define MOST_TROUBLE   6
#define MOST_WORKERS   8

const char *
top_order_name(TopOrder order)
{
	static const char *const names[TOP_ORDERS] = {"time", "progress", "kind", "worker"};

	return names[order];
}

static void
head(Frame *frame, const char *title)
{
	frame_end_line(frame);
	frame_text(frame, "heading", title, 0);
}

static int
count_of(const cJSON *monitor, const char *path)
{
	return cJSON_GetArraySize(json_at(monitor, path));
}

/* "leap  03:12:45 UTC   4 running   2 of 3 workers   120 done and 4 failed in the last hour" */
static void
draw_title(Frame *frame, const cJSON *monitor, const TopView *view)
{
	char when[TEXT_SIZE];
	double failed = 0;
	const cJSON *item;

	cJSON_ArrayForEach(item, json_at(monitor, "failures")) failed +=
		json_number(item, "attempts", 0);
	text_time(json_text(monitor, "at", ""), when);
	frame_text(frame, "heading", "leap top", 10);
	frame_text(frame, NULL, strlen(when) > 11 ? when + 11 : when, 0);
	frame_format(frame, NULL, 0, "  %.0f running, %d worker%s; last hour: %.0f done",
				 json_number(monitor, "running", 0), count_of(monitor, "workers"),
				 count_of(monitor, "workers") == 1 ? "" : "s",
				 json_number(monitor, "succeeded", 0));
	if (failed > 0)
		frame_format(frame, "failed", 0, ", %.0f failed", failed);
	if (view->paused)
		frame_text(frame, "warning", "  paused", 0);
	frame_end_line(frame);
}

static void
draw_queue(Frame *frame, const cJSON *queue)
{
	const char *state = json_text(queue, "state", "");
	double oldest = json_number(queue, "oldest_seconds", 0);
	bool served = json_number(queue, "workers", 0) > 0;
	bool paused = strcmp(state, "paused") == 0;
	char age[TEXT_SIZE];

	frame_text(frame, paused ? "paused" : NULL, json_text(queue, "queue", ""),
			   NAME_COLUMNS);
	frame_format(frame, NULL, -NUMBER_COLUMNS, "%.0f", json_number(queue, "ready", 0));
	frame_text(frame, oldest > LATE_SECONDS ? "warning" : NULL,
			   oldest > 0 ? text_seconds(oldest, age) : "-", -NUMBER_COLUMNS);
	frame_format(frame, NULL, -NUMBER_COLUMNS, "%.0f", json_number(queue, "running", 0));
	frame_format(frame, NULL, -NUMBER_COLUMNS, "%.0f",
				 json_number(queue, "scheduled", 0));
	frame_format(frame, served ? NULL : "warning", -NUMBER_COLUMNS, "%.0f",
				 json_number(queue, "workers", 0));
	frame_format(frame, NULL, -NUMBER_COLUMNS, "%.0f", json_number(queue, "places", 0));
	frame_text(frame, NULL, "  ", 2);
	frame_text(frame, "paused", paused ? "paused: " : "", 0);
	frame_text(frame, "paused", paused ? json_text(queue, "reason", "") : "", 0);
	frame_end_line(frame);
}

static void
draw_queues(Frame *frame, const cJSON *monitor)
{
	static const char *const titles[] = {"ready",     "oldest",  "running",
										 "scheduled", "workers", "places"};
	const cJSON *queue;

	head(frame, "queue");
	frame_to(frame, NAME_COLUMNS);
	for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
		frame_text(frame, "faint", titles[i], -NUMBER_COLUMNS);
	frame_end_line(frame);
	cJSON_ArrayForEach(queue, json_at(monitor, "queues")) draw_queue(frame, queue);
}

/* "transcribe 43 %, upload 7 %" */
static void
draw_children(Frame *frame, const cJSON *monitor, const char *worker)
{
	const cJSON *task;
	const char *comma = "";

	cJSON_ArrayForEach(task, json_at(monitor, "tasks"))
	{
		if (strcmp(json_text(task, "worker", ""), worker) != 0)
			continue;
		frame_format(frame, NULL, 0, "%s%s %.0f %%", comma, json_text(task, "kind", ""),
					 json_number(task, "progress", 0));
		comma = ", ";
	}
	if (comma[0] == '\0')
		frame_text(frame, "faint", "idle", 0);
}

static void
draw_worker(Frame *frame, const cJSON *monitor, const cJSON *worker)
{
	const char *state = json_text(worker, "state", "");
	char silent[TEXT_SIZE];

	frame_text(frame, NULL, json_text(worker, "name", ""), NAME_COLUMNS);
	frame_text(frame, NULL, "  ", 2);
	frame_text(frame, state, state, 7);
	frame_format(frame, NULL, -NUMBER_COLUMNS, "%.0f of %.0f",
				 json_number(worker, "running", 0), json_number(worker, "slots", 0));
	frame_text(frame, NULL,
			   text_seconds(json_number(worker, "silent_seconds", 0), silent),
			   -NUMBER_COLUMNS);
	frame_text(frame, NULL, "  ", 2);
	draw_children(frame, monitor, json_text(worker, "id", ""));
	frame_end_line(frame);
}

static void
draw_workers(Frame *frame, const cJSON *monitor)
{
	const cJSON *worker;
	int left = count_of(monitor, "workers");
	int most = frame->rows / 4 > MOST_WORKERS ? frame->rows / 4 : MOST_WORKERS;

	head(frame, "worker");
	frame_to(frame, NAME_COLUMNS + 9);
	frame_text(frame, "faint", "slots", -NUMBER_COLUMNS);
	frame_text(frame, "faint", "silent", -NUMBER_COLUMNS);
	frame_text(frame, "faint", "  does", 0);
	frame_end_line(frame);
	if (left == 0)
	{
		frame_text(frame, "warning",
				   "no worker is alive: nothing moves until one is started, "
				   "leap worker",
				   0);
		frame_end_line(frame);
	}
	cJSON_ArrayForEach(worker, json_at(monitor, "workers"))
	{
		if (most-- <= 0)
			break;
		draw_worker(frame, monitor, worker);
		left--;
	}
	if (left <= 0)
		return;
	frame_format(frame, "faint", 0, "… and %d more", left);
	frame_end_line(frame);
}

static int
compare_texts(const cJSON *a, const cJSON *b, const char *path)
{
	return strcmp(json_text(a, path, ""), json_text(b, path, ""));
}

static int
compare_numbers(const cJSON *a, const cJSON *b, const char *path)
{
	double x = json_number(a, path, 0);
	double y = json_number(b, path, 0);

	return x < y ? 1 : x > y ? -1 : compare_texts(a, b, "id");
}

static int
by_time(const void *a, const void *b)
{
	return compare_numbers(*(const cJSON *const *) a, *(const cJSON *const *) b,
						   "elapsed_seconds");
}

static int
by_progress(const void *a, const void *b)
{
	return compare_numbers(*(const cJSON *const *) a, *(const cJSON *const *) b,
						   "progress");
}

static int
by_kind(const void *a, const void *b)
{
	int order =
		compare_texts(*(const cJSON *const *) a, *(const cJSON *const *) b, "kind");

	return order != 0 ? order : by_time(a, b);
}

static int
by_worker(const void *a, const void *b)
{
	int order = compare_texts(*(const cJSON *const *) a, *(const cJSON *const *) b,
							  "worker_name");

	return order != 0 ? order : by_time(a, b);
}

static void
draw_task(Frame *frame, const cJSON *task)
{
	int name = frame->columns / 3;
	char elapsed[TEXT_SIZE];

	frame_text(frame, NULL, json_text(task, "kind", ""), 12);
	frame_bar(frame, "running", json_number(task, "progress", 0), BAR_CELLS);
	frame_format(frame, NULL, -6, "%.0f %%", json_number(task, "progress", 0));
	frame_text(frame, NULL,
			   text_seconds(json_number(task, "elapsed_seconds", 0), elapsed),
			   -NUMBER_COLUMNS);
	frame_text(frame, NULL, "  ", 2);
	frame_text(frame, NULL, json_text(task, "recording_name", "-"), name);
	frame_text(frame, NULL, "  ", 2);
	if (json_number(task, "attempt", 0) > 1)
		frame_format(frame, "warning", 0, "try %.0f  ", json_number(task, "attempt", 0));
	frame_text(frame, "faint", json_text(task, "current_step", ""), 0);
	frame_end_line(frame);
}

/* As many as fit above `below` further lines. */
static void
draw_tasks(Frame *frame, const cJSON *monitor, TopView *view, int below)
{
	static int (*const orders[TOP_ORDERS])(const void *, const void *) = {
		by_time, by_progress, by_kind, by_worker};
	int count = count_of(monitor, "tasks");
	CLEANUP(free) const cJSON **rows = calloc((size_t) count + 1, sizeof(const cJSON *));
	const cJSON *task;
	int at = 0;
	int most;

	if (rows == NULL)
		return;
	cJSON_ArrayForEach(task, json_at(monitor, "tasks")) rows[at++] = task;
	qsort(rows, (size_t) count, sizeof(const cJSON *), orders[view->order]);
	most = frame_room(frame) - 2 - below;
	most = most < LEAST_TASKS ? LEAST_TASKS : most;
	if (view->first > count - most)
		view->first = count - most;
	if (view->first < 0)
		view->first = 0;
	head(frame, "running");
	frame_format(frame, "faint", 0, "  by %s", top_order_name(view->order));
	if (count > most)
		frame_format(frame, "faint", 0, ", %d to %d of %.0f", view->first + 1,
					 view->first + most, json_number(monitor, "running", count));
	frame_end_line(frame);
	for (int i = view->first; i < count && i < view->first + most; i++)
		draw_task(frame, rows[i]);
	if (count > 0)
		return;
	frame_text(frame, "faint", "nothing", 0);
	frame_end_line(frame);
}

static void
draw_failure(Frame *frame, const cJSON *failure)
{
	frame_text(frame, "failed", json_text(failure, "class", ""), NAME_COLUMNS);
	frame_text(frame, NULL, json_text(failure, "kind", ""), 12);
	frame_format(frame, NULL, -NUMBER_COLUMNS, "%.0f",
				 json_number(failure, "attempts", 0));
	frame_format(frame, NULL, -NUMBER_COLUMNS, "%.0f", json_number(failure, "final", 0));
	frame_text(frame, NULL, "  ", 2);
	frame_text(frame, "faint", json_text(failure, "last_message", ""), 0);
	frame_end_line(frame);
}

static void
draw_breaker(Frame *frame, const cJSON *breaker)
{
	const char *state = json_text(breaker, "state", "");

	frame_text(frame, strcmp(state, "closed") == 0 ? "warning" : "failed",
			   json_text(breaker, "platform", ""), NAME_COLUMNS);
	frame_text(frame, NULL, state, 12);
	frame_format(frame, NULL, -NUMBER_COLUMNS, "%.0f",
				 json_number(breaker, "failures", 0));
	frame_format(frame, NULL, -NUMBER_COLUMNS, "%.0f",
				 json_number(breaker, "waiting", 0));
	frame_text(frame, NULL, "  ", 2);
	frame_text(frame, "faint", json_text(breaker, "message", ""), 0);
	frame_end_line(frame);
}

static void
draw_trouble(Frame *frame, const cJSON *list, const char *title, const char *second,
			 const char *third, void (*draw)(Frame *frame, const cJSON *row))
{
	const cJSON *row;
	int left = MOST_TROUBLE;

	if (cJSON_GetArraySize(list) == 0)
		return;
	head(frame, title);
	frame_to(frame, NAME_COLUMNS + 12);
	frame_text(frame, "faint", second, -NUMBER_COLUMNS);
	frame_text(frame, "faint", third, -NUMBER_COLUMNS);
	frame_text(frame, "faint", "  last", 0);
	frame_end_line(frame);
	cJSON_ArrayForEach(row, list) if (left-- > 0) draw(frame, row);
}

static int
trouble_lines(const cJSON *monitor, const char *path)
{
	int count = count_of(monitor, path);

	return count == 0 ? 0 : 2 + (count > MOST_TROUBLE ? MOST_TROUBLE : count);
}

void
top_draw(Frame *frame, const cJSON *monitor, TopView *view)
{
	int below = trouble_lines(monitor, "failures") + trouble_lines(monitor, "breakers") +
				(view->keys ? 2 : 0);

	draw_title(frame, monitor, view);
	draw_queues(frame, monitor);
	draw_workers(frame, monitor);
	draw_tasks(frame, monitor, view, below);
	draw_trouble(frame, json_at(monitor, "failures"), "failures of the hour", "attempts",
				 "final", draw_failure);
	draw_trouble(frame, json_at(monitor, "breakers"), "breakers", "failures", "waiting",
				 draw_breaker);
	if (!view->keys)
		return;
	frame_end_line(frame);
	frame_text(frame, "faint", "q end  p pause  s order  ↑ ↓ move", 0);
	frame_end_line(frame);
}
