/*
 * speech/hearing.c
 *	  What was heard, what of it is missing, and both together.
 */
#include "speech/hearing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "speech/heard.h"

#define SHORTEST_PIECE 0.3  /* seconds: no word is shorter */
#define PAUSE_MARGIN   0.25 /* of a pause that is listened to, at its ends */
#define OVERLAP        0.5  /* seconds of what is known that are heard with what is new */

static void
hash_text(Hash *hash, const char *text)
{
	/* with its end, so that what follows cannot be taken for a part of it */
	hash_update(hash, text, strlen(text) + 1);
}

void
hearing_key(const cJSON *provider, const char *language, const cJSON *vocabulary,
			char key[HASH_HEX_SIZE])
{
	const char *base = json_text(provider, "base_url", "");
	size_t length = strlen(base);
	Hash hash;
	const cJSON *term;

	while (length > 0 && base[length - 1] == '/')
		length--;
	hash_begin(&hash);
	hash_text(&hash, json_text(provider, "name", ""));
	hash_text(&hash, json_text(provider, "model", ""));
	hash_text(&hash, language != NULL ? language : "");
	cJSON_ArrayForEach(term, vocabulary) if (cJSON_IsString(term))
		hash_text(&hash, term->valuestring);
	if (length > 0)
	{
		hash_text(&hash, "\nservice");
		hash_text(&hash, json_text(provider, "protocol", ""));
		hash_update(&hash, base, length);
		hash_text(&hash, "");
	}
	if (!json_bool(provider, "settings.word_times", true))
		hash_text(&hash, "\nno word times");
	hash_finish(&hash, key);
}

/* A list of spans that grows. */
typedef struct SpanList
{
	Span *items;
	size_t count;
	size_t room;
} SpanList;

static void
add_span(SpanList *list, double start, double end)
{
	if (!(end > start))
		return;
	list->items = array_room(list->items, &list->room, list->count + 1, sizeof(Span));
	list->items[list->count++] = (Span){start, end};
}

/* The spans without others, which are ascending and disjoint too; of each of those, `margin`
 * seconds stay at either end. Pieces shorter than `least` are left out. */
static SpanList
without(const Span *spans, size_t count, const Span *others, size_t other_count,
		double margin, double least)
{
	SpanList left = {NULL, 0, 0};
	size_t next = 0;

	for (size_t i = 0; i < count; i++)
	{
		double start = spans[i].start;

		while (next < other_count && others[next].end <= start)
			next++;
		for (size_t k = next; k < other_count && others[k].start < spans[i].end; k++)
		{
			double from = others[k].start + margin;
			double to = others[k].end - margin;

			if (to <= from || to <= start)
				continue;
			if (fmin(from, spans[i].end) - start >= least)
				add_span(&left, start, fmin(from, spans[i].end));
			start = to;
		}
		if (spans[i].end - start >= least)
			add_span(&left, start, spans[i].end);
	}
	return left;
}

Span *
hearing_missing(const Hearing *hearing, const Span *wanted, size_t wanted_count,
				const Span *pauses, size_t pause_count, size_t *count)
{
	SpanList new =
		without(wanted, wanted_count, hearing->spans, hearing->span_count, 0, 0);
	SpanList spoken =
		without(new.items, new.count, pauses, pause_count, PAUSE_MARGIN, SHORTEST_PIECE);

	free(new.items);
	*count = spoken.count;
	return spoken.items;
}

static int
by_start(const void *left, const void *right)
{
	const Span *a = left;
	const Span *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

/* All spans of both, those that touch as one. */
static void
join_spans(Hearing *hearing, const Span *spans, size_t count)
{
	size_t total = hearing->span_count + count;
	Span *all = array_new(total, sizeof *all);
	size_t kept = 0;

	for (size_t i = 0; i < total; i++)
		all[i] =
			i < hearing->span_count ? hearing->spans[i] : spans[i - hearing->span_count];
	qsort(all, total, sizeof *all, by_start);
	for (size_t i = 0; i < total; i++)
	{
		if (kept > 0 && all[i].start <= all[kept - 1].end)
			all[kept - 1].end = fmax(all[kept - 1].end, all[i].end);
		else
			all[kept++] = all[i];
	}
	free(hearing->spans);
	hearing->spans = all;
	hearing->span_count = kept;
}

/* Does nobody speak at that moment? */
static bool
is_silent(const Span *pauses, size_t count, double at)
{
	for (size_t i = 0; i < count && pauses[i].start <= at; i++)
		if (at > pauses[i].start + PAUSE_MARGIN - 0.001 &&
			at < pauses[i].end - PAUSE_MARGIN + 0.001)
			return true;
	return false;
}

/* The span of the hearing that touches or holds that moment; NULL: none does. */
static const Span *
known_at(const Hearing *hearing, double at)
{
	for (size_t i = 0; i < hearing->span_count; i++)
		if (hearing->spans[i].start <= at && at <= hearing->spans[i].end)
			return &hearing->spans[i];
	return NULL;
}

Span *
hearing_around(const Hearing *hearing, const Span *missing, size_t count,
			   const Span *pauses, size_t pause_count)
{
	Span *wide = array_new(count, sizeof *wide);

	for (size_t i = 0; i < count; i++)
	{
		const Span *left = known_at(hearing, missing[i].start);
		const Span *right = known_at(hearing, missing[i].end);

		wide[i] = missing[i];
		if (left != NULL && !is_silent(pauses, pause_count, missing[i].start))
			wide[i].start = fmax(missing[i].start - OVERLAP, left->start);
		if (right != NULL && !is_silent(pauses, pause_count, missing[i].end))
			wide[i].end = fmin(missing[i].end + OVERLAP, right->end);
		if (i + 1 < count)
			wide[i].end = fmin(wide[i].end, missing[i + 1].start);
		if (i > 0)
			wide[i].start = fmax(wide[i].start, wide[i - 1].end);
	}
	return wide;
}

/* Do two words lie at the same place, as far as anybody can tell? */
static bool
is_same_place(const Word *a, const Word *b)
{
	double common = fmin(a->end, b->end) - fmax(a->start, b->start);

	return common > 0 && common >= fmin(a->end - a->start, b->end - b->start) / 2;
}

/* A word across the border of what is new is known from now on, when before only a part of
 * it was heard: what is new begins, or ends, with that word. */
static void
move_border(const Transcript *before, const Transcript *heard, Span *span)
{
	const Span given = *span;

	for (size_t i = 0; i < heard->word_count; i++)
	{
		const Word *word = &heard->words[i];
		bool left = word->start < given.start && word->end > given.start;
		bool right = word->start < given.end && word->end > given.end;

		if (left)
			span->start = fmin(span->start, word->start);
		if (right)
			span->end = fmax(span->end, word->end);
		for (size_t k = 0; (left || right) && k < before->word_count; k++)
		{
			double middle = (before->words[k].start + before->words[k].end) / 2;

			if (!is_same_place(word, &before->words[k]))
				continue;
			if (left)
				span->start = fmin(span->start, middle);
			if (right)
				span->end = fmax(span->end, middle + 0.001);
		}
	}
}

/* Takes out of what was known what lies in the new spans. */
static void
give_way(Transcript *known, const Span *spans, size_t count)
{
	SpanList rest = {NULL, 0, 0};
	double from = 0;

	for (size_t i = 0; i < count; i++)
	{
		add_span(&rest, from, spans[i].start);
		from = spans[i].end;
	}
	add_span(&rest, from, SPANS_LATEST);
	heard_confine(known, rest.items, rest.count);
	free(rest.items);
}

/* The spans whose words are taken from the new hearing: the missing ones, with the words
 * across their borders. */
static Span *
settle_borders(Transcript *known, Transcript *heard, const Span *missing, size_t count)
{
	Span *taken = array_new(count, sizeof *taken);
	bool moved = false;

	for (size_t i = 0; i < count; i++)
	{
		taken[i] = missing[i];
		move_border(known, heard, &taken[i]);
		if (i > 0)
			taken[i].start = fmax(taken[i].start, taken[i - 1].end);
		moved |= taken[i].start < missing[i].start || taken[i].end > missing[i].end;
	}
	if (moved)
		give_way(known, taken, count);
	heard_confine(heard, taken, count);
	return taken;
}

void
hearing_add(Hearing *hearing, Transcript *heard, const Span *spans, size_t count)
{
	Transcript *all = &hearing->heard;
	CLEANUP(free)
	Span *taken =
		hearing->span_count > 0 ? settle_borders(all, heard, spans, count) : NULL;

	join_spans(hearing, taken != NULL ? taken : spans, count);
	if (all->word_count == 0)
	{
		transcript_free(all);
		*all = *heard;
		*heard = (Transcript){.words = NULL};
		return;
	}
	for (size_t i = 0; i < heard->word_count; i++)
	{
		const Word *word = &heard->words[i];

		transcript_add_word(all, word->start, word->end, word->confidence, word->text);
	}
	for (size_t i = 0; i < heard->segment_count; i++)
	{
		const Segment *segment = &heard->segments[i];

		transcript_add_segment(all, segment->start, segment->end, segment->text);
	}
	transcript_finish(all);
	transcript_free(heard);
}

void
hearing_free(Hearing *hearing)
{
	transcript_free(&hearing->heard);
	free(hearing->spans);
	cJSON_Delete(hearing->passed);
	*hearing = (Hearing){.spans = NULL};
}
