/*
 * gate/streams.c
 *	  Who listens to events, and when they are told.
 */
#include "gate/streams_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"

/* A beat keeps proxies from taking silence for an end, and finds out who is gone. */
#define BEAT_SECONDS 15.0
/* How often sessions and keys are looked at. */
#define CHECK_SECONDS 5.0
/* A stream that was opened does not wait for the next question, unless there was one just now. */
#define LEAST_PAUSE 0.1
/* After a question that was not answered. */
#define AGAIN_SECONDS 1.0

Streams *
streams_new(DbPool *pool, const StreamsSettings *settings)
{
	Streams *streams = array_new(1, sizeof *streams);

	streams->pool = pool;
	streams->settings = *settings;
	return streams;
}

void
streams_free(Streams *streams)
{
	if (streams->job != NULL)
		db_pool_drop(streams->job);
	streams_free_system(streams);
	arena_free(&streams->arena);
	free(streams->persons);
	free(streams->places);
	free(streams->checked);
	free(streams->seen);
	free(streams);
}

static Person *
find_person(Streams *streams, const char *user, bool everyone)
{
	for (size_t i = 0; i < streams->person_count; i++)
		if (streams->persons[i]->everyone == everyone &&
			strcmp(streams->persons[i]->user, user) == 0)
			return streams->persons[i];
	return NULL;
}

/* Streams of a user. */
static size_t
count_of(Streams *streams, const char *user)
{
	const Person *own = find_person(streams, user, false);
	const Person *all = find_person(streams, user, true);

	return (own != NULL ? own->stream_count : 0) + (all != NULL ? all->stream_count : 0);
}

static Person *
add_person(Streams *streams, const char *user, bool everyone)
{
	Person *person = array_new(1, sizeof *person);

	person->user = array_text(user);
	person->everyone = everyone;
	streams->persons = array_room(streams->persons, &streams->person_capacity,
								  streams->person_count + 1, sizeof(void *));
	streams->persons[streams->person_count++] = person;
	return person;
}

static void
remove_person(Streams *streams, Person *person)
{
	size_t at = 0;

	while (streams->persons[at] != person)
		at++;
	streams->persons[at] = streams->persons[--streams->person_count];
	for (size_t i = 0; i < streams->place_count; i++)
		if (streams->places[i].person == person)
			streams->places[i].person = NULL;
	free(person->user);
	free(person->running);
	free(person);
}

static void
stream_ended(Exchange *exchange)
{
	Stream *stream = exchange->data;
	Person *person = stream->person;
	Streams *streams = person->all;
	Stream **at = &person->streams;

	while (*at != stream)
		at = &(*at)->next;
	*at = stream->next;
	for (size_t i = 0; i < streams->place_count; i++)
		if (streams->places[i].stream == stream)
			streams->places[i].person = NULL;
	for (size_t i = 0; i < streams->checked_count; i++)
		if (streams->checked[i] == stream)
			streams->checked[i] = NULL;
	free(stream->claims);
	free(stream->recording);
	free(stream->last_id);
	streams->system_count -= stream->system;
	free(stream);
	streams->stream_count--;
	if (--person->stream_count == 0)
		remove_person(streams, person);
}

static char *
copy_or_null(const char *text)
{
	return text != NULL ? array_text(text) : NULL;
}

/* Clients that lost the same server do not all come back at once. */
static void
say_when_to_come_back(Exchange *exchange)
{
	char line[32];
	int length =
		snprintf(line, sizeof line, "retry: %d\n\n", 1000 + (int) (random() % 2000));

	(void) exchange_push(exchange, line, (size_t) length);
}

bool
streams_open(Streams *streams, Exchange *exchange, const StreamStart *start,
			 const char *fields)
{
	Person *person = find_person(streams, start->user, start->everyone);
	Stream *stream;

	if (count_of(streams, start->user) >= streams->settings.most)
		return false;
	if (person == NULL)
		person = add_person(streams, start->user, start->everyone);
	stream = array_new(1, sizeof *stream);
	*stream = (Stream){.person = person,
					   .next = person->streams,
					   .exchange = exchange,
					   .claims = array_text(start->claims),
					   .recording = copy_or_null(start->recording),
					   .last_id = copy_or_null(start->last_id),
					   .fresh = true,
					   .system = start->system};
	person->all = streams;
	person->streams = stream;
	person->stream_count++;
	streams->stream_count++;
	streams->system_count += stream->system;
	exchange->data = stream;
	exchange->user = person->user; /* the request that named him ends before the stream */
	exchange->ended = stream_ended;
	exchange_stream(exchange, fields);
	say_when_to_come_back(exchange);
	if (streams->next_at > clock_seconds() + LEAST_PAUSE)
		streams->next_at = clock_seconds() + LEAST_PAUSE;
	return true;
}

/* The id moves on though nothing happens: who comes back after an hour of silence is asked
 * about the time since this, not since an hour. */
static void
beat(Streams *streams)
{
	Buffer with_id;

	buffer_init(&with_id);
	if (streams->seen != NULL && !streams->silent)
		buffer_printf(&with_id, "event: beat\ndata: {}\nid: %s\n\n", streams->seen);
	else
		buffer_puts(&with_id, ":\n\n");
	for (size_t i = 0; i < streams->person_count; i++)
		for (Stream *s = streams->persons[i]->streams; s != NULL; s = s->next)
			if (s->fresh)
				(void) exchange_push(s->exchange, ":\n\n", 3);
			else
				(void) exchange_push(s->exchange, with_id.data, with_id.length);
	buffer_free(&with_id);
}

void
streams_say_silence(Streams *streams)
{
	static const char text[] = "event: silence\ndata: {}\n\n";

	for (size_t i = 0; i < streams->person_count; i++)
		for (Stream *s = streams->persons[i]->streams; s != NULL; s = s->next)
			(void) exchange_push(s->exchange, text, sizeof text - 1);
}

/* Of whom it is to be asked whether their claims still hold. */
static void
choose_checked(Streams *streams, double now)
{
	streams->checked_count = 0;
	if (now < streams->check_at)
		return;
	streams->check_at = now + CHECK_SECONDS;
	for (size_t i = 0; i < streams->person_count; i++)
		for (Stream *s = streams->persons[i]->streams; s != NULL; s = s->next)
		{
			streams->checked = array_room(streams->checked, &streams->checked_capacity,
										  streams->checked_count + 1, sizeof(void *));
			streams->checked[streams->checked_count++] = s;
		}
}

/* What happens to people; the seconds until it must be asked again. */
static double
work_events(Streams *streams)
{
	double now = clock_seconds();

	if (streams->stream_count == 0)
		return BEAT_SECONDS;
	if (now >= streams->beat_at)
	{
		beat(streams);
		streams->beat_at = now + BEAT_SECONDS;
	}
	if (streams->job != NULL)
		return streams->beat_at - now;
	if (now >= streams->next_at)
	{
		choose_checked(streams, now);
		streams_ask(streams);
		return BEAT_SECONDS;
	}
	return streams->next_at - now;
}

double
streams_work(Streams *streams)
{
	double events = work_events(streams);
	double system = streams_work_system(streams);

	return events < system ? events : system;
}

void
streams_pause(Streams *streams)
{
	double pause = streams->silent ? AGAIN_SECONDS : streams->settings.interval;

	for (size_t i = 0; !streams->silent && i < streams->person_count; i++)
		for (Stream *s = streams->persons[i]->streams; s != NULL; s = s->next)
			if (s->fresh && pause > LEAST_PAUSE)
				pause = LEAST_PAUSE;
	streams->next_at = clock_seconds() + pause;
}

void
stream_end(Stream *stream, const char *reason)
{
	char text[80];
	int length =
		snprintf(text, sizeof text, "event: end\ndata: {\"reason\":\"%s\"}\n\n", reason);

	(void) exchange_push(stream->exchange, text, (size_t) length);
	exchange_stream_end(stream->exchange);
}

void
streams_finish(Streams *streams)
{
	for (size_t i = 0; i < streams->person_count; i++)
		for (Stream *s = streams->persons[i]->streams; s != NULL; s = s->next)
			stream_end(s, "server");
}

size_t
streams_count(const Streams *streams)
{
	return streams->stream_count;
}
