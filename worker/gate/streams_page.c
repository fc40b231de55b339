/*
 * gate/streams_page.c
 *	  One page of events: a question for all streams of a process, and its answer told to each.
 *
 * Streams that have seen the same go by person; one that was just opened has a place of its
 * own in the question, with its own id. After the answer all have seen the same. Only the last
 * event of a page has an id: a stream that breaks before it is told the page again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "gate/streams_parts.h"

#define ASK   "SELECT place, event, recording, data FROM leap.events_since($1, $2, $3, $4)"
#define CHECK "SELECT place FROM leap.ended_claims($1)"

enum
{
	COLUMN_PLACE,
	COLUMN_EVENT,
	COLUMN_RECORDING,
	COLUMN_DATA
};

/* Rows of one place. */
typedef struct Part
{
	const DbRows *rows;
	int first;
	int end;
	const char *id; /* of the page */
} Part;

static bool
is_event(const Part *part, int row, const char *event)
{
	return strcmp(rows_text(part->rows, row, COLUMN_EVENT), event) == 0;
}

/* Whether a stream wants to know: all of a filtered one's rows name its recording, but for
 * those that are about no recording at all. */
static bool
wants(const Stream *stream, const Part *part, int row)
{
	const char *recording = rows_text(part->rows, row, COLUMN_RECORDING);

	return stream->recording == NULL || is_event(part, row, "unread") ||
		   is_event(part, row, "reset") ||
		   (recording != NULL && strcmp(recording, stream->recording) == 0);
}

static void
add_event(Buffer *text, const Part *part, int row)
{
	buffer_printf(text, "event: %s\ndata: ", rows_text(part->rows, row, COLUMN_EVENT));
	buffer_puts(text, rows_text(part->rows, row, COLUMN_DATA));
	buffer_puts(text, "\n\n");
}

/* Less than may wait for a client: whoever keeps up gets every page. */
#define PAGE_MOST_BYTES (STREAM_MOST_WAITING / 2)

/* Whether a row says how things are, not what happened. */
static bool
is_state(const Part *part, int row)
{
	return is_event(part, row, "unread") || is_event(part, row, "progress");
}

/* told[row - first]: this progress is known to those who were there before; NULL: nothing is. */
static void
write_part(Buffer *text, const Stream *stream, const Part *part, const bool *told)
{
	for (int row = part->first; row < part->end; row++)
		if (wants(stream, part, row) && (told == NULL || !told[row - part->first]))
			add_event(text, part, row);
	if (text->length <= PAGE_MOST_BYTES)
		return;
	buffer_clear(text);
	buffer_puts(text, "event: reset\ndata: {}\n\n");
	for (int row = part->first; row < part->end; row++)
		if (wants(stream, part, row) && is_state(part, row))
			add_event(text, part, row);
}

static void
tell(Stream *stream, const Part *part, const bool *told)
{
	Buffer text;

	buffer_init(&text);
	write_part(&text, stream, part, told);
	if (text.length > 0)
	{
		/* in the last event: programs of a page see ids with events only */
		text.length--;
		buffer_printf(&text, "id: %s\n\n", part->id);
		(void) exchange_push(stream->exchange, text.data, text.length);
	}
	buffer_free(&text);
}

static uint64_t
hash_of(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char) *text) * 0x100000001b3u;
	return hash;
}

/* Whether this line was said before; from now on it was. */
static bool
note_progress(Person *person, uint64_t line)
{
	for (size_t i = 0; i < person->running_count; i++)
		if (person->running[i].line == line)
		{
			person->running[i].seen = true;
			return true;
		}
	person->running = array_room(person->running, &person->running_capacity,
								 person->running_count + 1, sizeof *person->running);
	person->running[person->running_count++] = (Progress){line, true};
	return false;
}

/* Lines that are true no more; what is left was not seen yet in the next page. */
static void
forget_progress(Person *person)
{
	size_t kept = 0;

	for (size_t i = 0; i < person->running_count; i++)
		if (person->running[i].seen)
			person->running[kept++] = (Progress){person->running[i].line, false};
	person->running_count = kept;
}

/* Which rows of the part are progress that was told before. */
static bool *
find_told(Person *person, const Part *part)
{
	bool *told = array_new((size_t) (part->end - part->first), sizeof *told);

	for (int row = part->first; row < part->end; row++)
		if (is_event(part, row, "progress"))
			told[row - part->first] =
				note_progress(person, hash_of(rows_text(part->rows, row, COLUMN_DATA)));
	forget_progress(person);
	return told;
}

static void
tell_person(Person *person, const Part *part)
{
	bool *told = find_told(person, part);
	/* who reads everything anew is told everything */
	bool reset = part->first < part->end && is_event(part, part->first, "reset");

	for (Stream *s = person->streams; s != NULL; s = s->next)
		if (!s->fresh)
			tell(s, part, reset ? NULL : told);
	free(told);
}

/* From now on it goes with the others. */
static void
tell_fresh(Stream *stream, const Part *part)
{
	free(find_told(stream->person, part));
	tell(stream, part, NULL);
	stream->fresh = false;
	free(stream->last_id);
	stream->last_id = NULL;
}

/* The rows of a place, which may be none. */
static Part
next_part(const Part *before, size_t place)
{
	Part part = {before->rows, before->end, before->end, before->id};

	while (part.end < rows_count(part.rows) &&
		   strtoul(rows_text(part.rows, part.end, COLUMN_PLACE), NULL, 10) == place)
		part.end++;
	return part;
}

static void
tell_all(Streams *streams, const DbRows *rows)
{
	Part part = {rows, 0, 1, rows_text(rows, 0, COLUMN_DATA)};

	/* persons come before fresh streams: nobody is told the same part twice */
	for (size_t i = 0; i < streams->place_count; i++)
	{
		const Place *place = &streams->places[i];

		part = next_part(&part, i + 1);
		if (place->stream != NULL && place->person != NULL)
			tell_fresh(place->stream, &part);
		else if (place->person != NULL)
			tell_person(place->person, &part);
	}
	free(streams->seen);
	streams->seen = array_text(part.id);
}

static void
end_checked(Streams *streams, const DbRows *rows)
{
	for (int i = 0; i < rows_count(rows); i++)
	{
		size_t place = strtoul(rows_text(rows, i, 0), NULL, 10);

		if (place >= 1 && place <= streams->checked_count &&
			streams->checked[place - 1] != NULL)
			stream_end(streams->checked[place - 1], "token");
	}
}

static void
take_page(void *arg, const DbPoolOutcome *outcome)
{
	Streams *streams = arg;
	bool good = outcome->end == POOL_DONE && rows_count(outcome->rows[0]) > 0;

	streams->job = NULL;
	if (good)
	{
		if (streams->checked_count > 0)
			end_checked(streams, outcome->rows[1]);
		tell_all(streams, outcome->rows[0]);
	}
	else if (!streams->silent)
	{
		log_warning("no events just now: %s", outcome->end == POOL_REFUSED
												  ? outcome->message
												  : "the database is away");
		streams_say_silence(streams);
	}
	/* who was told of silence is told of its end at once */
	if (good && streams->silent)
		streams->beat_at = 0;
	streams->silent = !good;
	streams->place_count = 0;
	streams->checked_count = 0;
	arena_free(&streams->arena);
	streams_pause(streams);
}

static void
add_place(Streams *streams, Person *person, Stream *stream)
{
	streams->places = array_room(streams->places, &streams->place_capacity,
								 streams->place_count + 1, sizeof *streams->places);
	streams->places[streams->place_count++] = (Place){person, stream};
}

/* Those who have seen the same first, then each fresh stream. */
static void
choose_places(Streams *streams)
{
	streams->place_count = 0;
	for (size_t i = 0; i < streams->person_count; i++)
	{
		Stream *s = streams->persons[i]->streams;

		while (s != NULL && s->fresh)
			s = s->next;
		if (s != NULL)
			add_place(streams, streams->persons[i], NULL);
	}
	for (size_t i = 0; i < streams->person_count; i++)
		for (Stream *s = streams->persons[i]->streams; s != NULL; s = s->next)
			if (s->fresh)
				add_place(streams, streams->persons[i], s);
}

static const char *
keep(Streams *streams, Buffer *text)
{
	const char *kept = arena_copy(&streams->arena, text->data, text->length);

	buffer_free(text);
	return kept;
}

/* The four arrays of leap.events_since(), as text; what is in them needs no quoting. */
static void
write_question(Streams *streams)
{
	const char **values = arena_take(&streams->arena, 4 * sizeof *values);
	Buffer ids;
	Buffer users;
	Buffer id_of;
	Buffer everyone;
	int id_count = streams->seen != NULL;

	buffer_init(&ids);
	buffer_init(&users);
	buffer_init(&id_of);
	buffer_init(&everyone);
	buffer_printf(&ids, "{%s%s%s", id_count > 0 ? "\"" : "",
				  id_count > 0 ? streams->seen : "", id_count > 0 ? "\"" : "");
	for (size_t i = 0; i < streams->place_count; i++)
	{
		const Place *place = &streams->places[i];
		int id = 1;

		if (place->stream != NULL && place->stream->last_id == NULL)
			id = 0;
		else if (place->stream != NULL)
		{
			buffer_printf(&ids, "%s\"%s\"", id_count > 0 ? "," : "",
						  place->stream->last_id);
			id = ++id_count;
		}
		buffer_printf(&users, "%s%s", i > 0 ? "," : "{", place->person->user);
		buffer_printf(&id_of, "%s%d", i > 0 ? "," : "{", id);
		buffer_printf(&everyone, "%s%c", i > 0 ? "," : "{",
					  place->person->everyone ? 't' : 'f');
	}
	buffer_puts(&ids, "}");
	buffer_puts(&users, "}");
	buffer_puts(&id_of, "}");
	buffer_puts(&everyone, "}");
	values[0] = keep(streams, &ids);
	values[1] = keep(streams, &users);
	values[2] = keep(streams, &id_of);
	values[3] = keep(streams, &everyone);
	streams->statements[0] = (DbPoolStatement){ASK, values, 4};
}

static void
write_check(Streams *streams)
{
	const char **values = arena_take(&streams->arena, sizeof *values);
	Buffer claims;

	buffer_init(&claims);
	for (size_t i = 0; i < streams->checked_count; i++)
	{
		buffer_puts(&claims, i > 0 ? "," : "[");
		buffer_puts(&claims, streams->checked[i]->claims);
	}
	buffer_puts(&claims, "]");
	values[0] = keep(streams, &claims);
	streams->statements[1] = (DbPoolStatement){CHECK, values, 1};
}

void
streams_ask(Streams *streams)
{
	choose_places(streams);
	write_question(streams);
	if (streams->checked_count > 0)
		write_check(streams);
	streams->job =
		db_pool_run(streams->pool, streams->statements,
					streams->checked_count > 0 ? 2 : 1, false, take_page, streams);
}
