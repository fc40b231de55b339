/*
 * gate/events.c
 *	  Opening a stream of events: who may, what he wants of it, and since when.
 *
 * A browser's EventSource sends no Authorization; a ticket in the URL stands in for it
 * (admission.c). It then continues by ?last_event_id=, because a new object does not say
 * Last-Event-ID either.
 */
#include "gate/events.h"

#include <ctype.h>
#include <string.h>

#include "gate/streams.h"
#include "rest/pairs.h"

#define PATH     "/events"
#define API_PATH "/api/v1" PATH

/* What administrators may listen to beside what happens to themselves. */
#define SYSTEM   "system"
#define EVERYONE "everyone"

#define UUID_LENGTH 36
/* As long as anybody can say it in a head. */
#define ID_MOST 8000

/* X-Accel-Buffering is for nginx: a proxy that collects an answer would never send this one. */
#define FIELDS                                                       \
	"Content-Type: text/event-stream\r\nCache-Control: no-store\r\n" \
	"X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\n"

bool
events_is_path(Slice path)
{
	return slice_is(path, PATH) || slice_is(path, API_PATH);
}

/* The value of a name in the query; NULL: it is not there. */
static const char *
parameter(Request *request, const char *name)
{
	Pairs pairs = pairs_split(&request->arena, request->exchange->query);

	for (size_t i = 0; i < pairs.count; i++)
		if (pairs.items[i].value != NULL && strcmp(pairs.items[i].name, name) == 0)
			return pairs.items[i].value;
	return NULL;
}

const char *
events_ticket(Request *request)
{
	return parameter(request, "ticket");
}

/* An id in lower case, as the database writes it; NULL: it is none. */
static const char *
read_recording(Request *request, const char *text)
{
	char *lower = arena_text(&request->arena, text);

	if (strlen(text) != UUID_LENGTH ||
		strspn(text, "0123456789abcdefABCDEF-") != UUID_LENGTH)
		return NULL;
	for (char *at = lower; *at != '\0'; at++)
		*at = (char) tolower((unsigned char) *at);
	return lower;
}

/* What the client has seen. Anything but an id of ours is one that cannot be continued from:
 * the database answers that everything is to be read anew. */
static const char *
last_id(Request *request)
{
	const Slice *field = head_field(&request->exchange->head, "last-event-id");
	const char *id = field != NULL ? arena_copy(&request->arena, field->at, field->length)
								   : parameter(request, "last_event_id");

	if (id == NULL || *id == '\0')
		return NULL;
	return strlen(id) <= ID_MOST && strspn(id, "0123456789abcdef.:,") == strlen(id) ? id
																					: "-";
}

typedef struct Topics
{
	bool system;
	bool everyone;
	const char *unknown; /* NULL: there is each of them */
} Topics;

/* ?topic=system,everyone */
static Topics
read_topics(Request *request)
{
	const char *said = parameter(request, "topic");
	char *left = said != NULL ? arena_text(&request->arena, said) : NULL;
	Topics topics = {0};

	for (char *topic; (topic = strsep(&left, ",")) != NULL;)
		if (strcmp(topic, SYSTEM) == 0)
			topics.system = true;
		else if (strcmp(topic, EVERYONE) == 0)
			topics.everyone = true;
		else
			topics.unknown = topic;
	return topics;
}

static void
open_stream(Request *request, const char *user)
{
	Exchange *exchange = request->exchange;
	const char *recording = parameter(request, "recording");
	const Topics topics = read_topics(request);
	const StreamStart start = {
		.user = user,
		.claims = request->caller.claims,
		.recording = recording != NULL ? read_recording(request, recording) : NULL,
		.last_id = last_id(request),
		.system = topics.system,
		.everyone = topics.everyone};
	Buffer fields;

	buffer_init(&fields);
	buffer_puts(&fields, FIELDS);
	request_add_common(request, &fields);
	if (streams_open(request->gate->streams, exchange, &start, fields.data))
		request_free(request); /* a stream may last for days, the catalog must not */
	else
		request_refuse(request, 429, "LP044", "too many streams of events", NULL,
					   "Retry-After: 30\r\n");
	buffer_free(&fields);
}

static void
take_user(void *arg, const DbPoolOutcome *outcome)
{
	Request *request = arg;
	const Topics topics = read_topics(request);
	const char *user;

	request->job = NULL;
	if (outcome->end != POOL_DONE)
	{
		request_refuse_outcome(request, outcome);
		return;
	}
	user = rows_text(outcome->rows[request->main_index], 0, 0);
	if (user == NULL)
		request_refuse(request, 401, "LP042", "events are told to whoever is known", NULL,
					   "WWW-Authenticate: Bearer\r\n");
	else if ((topics.system || topics.everyone) &&
			 strcmp(rows_text(outcome->rows[request->main_index], 0, 1), "t") != 0)
		request_refuse_hint(
			request, 403, "LP043", "what happens to others is for administrators",
			"Without a topic the stream tells what happens to you.", NULL);
	else
		open_stream(request, user);
}

void
events_run(Request *request)
{
	const Exchange *exchange = request->exchange;
	const char *recording = parameter(request, "recording");
	const Topics topics = read_topics(request);

	if (!slice_is(exchange->head.method, "GET"))
		request_refuse(request, 405, "PGRST117", "events are only read", NULL,
					   "Allow: GET\r\n");
	else if (request->gate->finishing)
		request_refuse(request, 503, "LP044", "this process ends", NULL,
					   "Retry-After: 1\r\n");
	else if (request->caller.subject == NULL || request->caller.subject[0] == '\0')
		request_refuse(request, 401, "LP042", "events are told to whoever is known", NULL,
					   "WWW-Authenticate: Bearer\r\n");
	else if (recording != NULL && read_recording(request, recording) == NULL)
		request_refuse(request, 400, "LP030",
					   arena_printf(&request->arena, "\"%.100s\" is no id of a recording",
									recording),
					   "It is a UUID, as recordings have it in \"id\".", NULL);
	else if (topics.unknown != NULL)
		request_refuse(
			request, 400, "LP030",
			arena_printf(&request->arena, "there is no topic \"%.100s\"", topics.unknown),
			"There are \"" SYSTEM "\" and \"" EVERYONE "\", for administrators.", NULL);
	else
	{
		request->plan.schema = request->gate->settings->rest.schemas[0];
		request->plan.read_only = true;
		request_write_preamble(request, false);
		request->statements[request->statement_count++] = (DbPoolStatement){
			.sql =
				"SELECT leap.current_user_id(), pg_has_role('leap_operator', 'USAGE')"};
		request->job = db_pool_run(request->gate->pool, request->statements,
								   request->statement_count, false, take_user, request);
	}
}
