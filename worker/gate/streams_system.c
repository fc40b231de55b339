/*
 * gate/streams_system.c
 *	  What the whole installation does, told to administrators who watch it.
 *
 * A question of its own, so that it never keeps the events of others waiting: at most once a
 * second for all who watch, less often where its answer takes long. A state, not an event: it
 * is told when it is another than before, has no id, and who does not take one gets the next.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "gate/streams_parts.h"

#define ASK "SELECT digest, data FROM leap.system_page()"

/* Between two questions. */
#define PAUSE_SECONDS 1.0
/* As many times as long as the last answer took: it is to cost little of a server. */
#define PAUSE_TIMES 10.0
/* Without an answer. */
#define AGAIN_SECONDS 3.0

static void
tell(Stream *stream, const Buffer *text, bool changed)
{
	if (stream->system && (changed || !stream->told_system))
		stream->told_system = exchange_waiting(stream->exchange) == 0 &&
							  exchange_push(stream->exchange, text->data, text->length);
}

static void
tell_all(Streams *streams, const DbRows *rows)
{
	const char *digest = rows_text(rows, 0, 0);
	bool changed =
		streams->system_digest == NULL || strcmp(streams->system_digest, digest) != 0;
	Buffer text;

	buffer_init(&text);
	buffer_puts(&text, "event: system\ndata: ");
	buffer_puts(&text, rows_text(rows, 0, 1));
	buffer_puts(&text, "\n\n");
	for (size_t i = 0; i < streams->person_count; i++)
		for (Stream *s = streams->persons[i]->streams; s != NULL; s = s->next)
			tell(s, &text, changed);
	buffer_free(&text);
	if (changed)
	{
		free(streams->system_digest);
		streams->system_digest = array_text(digest);
	}
}

static void
take_system(void *arg, const DbPoolOutcome *outcome)
{
	Streams *streams = arg;
	double now = clock_seconds();
	double pause = AGAIN_SECONDS;

	streams->system_job = NULL;
	if (outcome->end == POOL_DONE && rows_count(outcome->rows[0]) > 0)
	{
		tell_all(streams, outcome->rows[0]);
		pause = (now - streams->system_asked) * PAUSE_TIMES;
	}
	streams->system_at = now + (pause > PAUSE_SECONDS ? pause : PAUSE_SECONDS);
}

double
streams_work_system(Streams *streams)
{
	double now = clock_seconds();

	if (streams->system_count == 0 || streams->system_job != NULL)
		return AGAIN_SECONDS;
	if (now < streams->system_at)
		return streams->system_at - now;
	streams->system_asked = now;
	streams->system_statement = (DbPoolStatement){.sql = ASK};
	streams->system_job = db_pool_run(streams->pool, &streams->system_statement, 1, false,
									  take_system, streams);
	return AGAIN_SECONDS;
}

void
streams_free_system(Streams *streams)
{
	if (streams->system_job != NULL)
		db_pool_drop(streams->system_job);
	free(streams->system_digest);
}
