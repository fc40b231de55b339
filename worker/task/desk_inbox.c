/*
 * task/desk_inbox.c
 *	  The inboxes a worker watches.
 */
#include "task/desk_inbox.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "source/watch.h"
#include "task/desk_beat.h"

#define LOOK_SECONDS  60.0 /* notifications may be lost */
#define AGAIN_SECONDS 5.0  /* after a failure */

static const char watch_sql[] = "SELECT * FROM leap.inbox_watch()";
static const char changed_sql[] = "SELECT leap.inbox_changed($1)";

static void
take_inboxes(Desk *desk, const DbRows *rows)
{
	int count = rows_count(rows);
	CLEANUP(free) WatchFolder *folders = array_new((size_t) count, sizeof *folders);

	for (int row = 0; row < count; row++)
	{
		const char *settle = rows_named(rows, row, "settle_seconds");
		const char *recursive = rows_named(rows, row, "recursive");
		const char *source = rows_named(rows, row, "source");
		const char *path = rows_named(rows, row, "path");

		folders[row] = (WatchFolder){
			.source = source != NULL ? source : "",
			.path = path != NULL ? path : "",
			.recursive = recursive != NULL && recursive[0] == 't',
			.settle_seconds = settle != NULL ? strtod(settle, NULL) : 10,
		};
	}
	watch_set(desk->watch, folders, (size_t) count);
}

static void
on_inboxes(void *arg, const DbRows *rows, const Error *err)
{
	Desk *desk = arg;

	desk->inboxes_at = clock_seconds() + (err == NULL ? LOOK_SECONDS : AGAIN_SECONDS);
	if (err != NULL)
		desk_log_problem("asking for the inboxes", err);
	else
		take_inboxes(desk, rows);
}

typedef struct Wish
{
	Desk *desk;
	char *source;
} Wish;

static void
on_told(void *arg, const DbRows *rows, const Error *err)
{
	Wish *wish = arg;

	(void) rows;
	if (err != NULL)
	{
		desk_log_problem("telling of new files", err);
		watch_again(wish->desk->watch, wish->source, AGAIN_SECONDS);
	}
	free(wish->source);
	free(wish);
}

static void
tell(Desk *desk, const char *source)
{
	Wish *wish = array_new(1, sizeof *wish);

	*wish = (Wish){.desk = desk, .source = array_text(source)};
	if (link_call(desk->link, changed_sql, &source, 1, on_told, wish))
	{
		log_info("files appeared in inbox %s", source);
		return;
	}
	watch_again(desk->watch, source, AGAIN_SECONDS);
	free(wish->source);
	free(wish);
}

void
inboxes_work(Desk *desk, double now)
{
	const char *source;

	if (desk->watch == NULL)
		return;
	if (now >= desk->inboxes_at &&
		link_call(desk->link, watch_sql, NULL, 0, on_inboxes, desk))
		desk->inboxes_at = INFINITY; /* until the answer */
	while (!desk->closing && (source = watch_due(desk->watch)) != NULL)
		tell(desk, source);
}

void
inboxes_want(const Desk *desk, double *latest)
{
	if (desk->watch == NULL)
		return;
	*latest = fmin(*latest, desk->inboxes_at);
	if (!desk->closing)
		*latest = fmin(*latest, watch_due_at(desk->watch));
}
