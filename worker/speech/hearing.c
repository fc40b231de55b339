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

#define SHORTEST_PIECE 0.3  /* seconds: no word is shorter */
#define PAUSE_MARGIN   0.25 /* of a pause that is listened to, at its ends */

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
	Hash hash;
	const cJSON *term;

	hash_begin(&hash);
	hash_text(&hash, json_text(provider, "name", ""));
	hash_text(&hash, json_text(provider, "model", ""));
	hash_text(&hash, language != NULL ? language : "");
	cJSON_ArrayForEach(term, vocabulary) if (cJSON_IsString(term))
		hash_text(&hash, term->valuestring);
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

void
hearing_add(Hearing *hearing, Transcript *heard, const Span *spans, size_t count)
{
	Transcript *all = &hearing->heard;

	join_spans(hearing, spans, count);
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
