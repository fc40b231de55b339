/*
 * speech/heard.c
 *	  From what was heard to what a cut shows of it. Pure.
 */
#include "speech/heard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"

#define NOWHERE SIZE_MAX

/* Which span a word is in; NOWHERE: in none. */
static size_t
place_of(const Word *word, const CutSpan *cuts, size_t count)
{
	double middle = (word->start + word->end) / 2;
	size_t low = 0;
	size_t high = count;

	while (low < high)
	{
		size_t center = low + (high - low) / 2;

		if (cuts[center].start <= middle)
			low = center + 1;
		else
			high = center;
	}
	return low > 0 && middle < cuts[low - 1].end ? low - 1 : NOWHERE;
}

static size_t *
places_of(const Transcript *heard, const CutSpan *cuts, size_t count)
{
	size_t *places = array_new(heard->word_count, sizeof *places);

	for (size_t i = 0; i < heard->word_count; i++)
		places[i] = place_of(&heard->words[i], cuts, count);
	return places;
}

/* A time in the output, not beyond the span. */
static double
moved(const CutSpan *cut, double time)
{
	return cut->at + fmin(fmax(time, cut->start), cut->end) - cut->start;
}

/* The index behind the last word of segment `index`, whose words begin at `from`: those
 * whose middle comes before the next segment does. */
static size_t
segment_end(const Transcript *heard, size_t index, size_t from)
{
	size_t to = from;

	if (index + 1 == heard->segment_count)
		return heard->word_count;
	while (to < heard->word_count && (heard->words[to].start + heard->words[to].end) / 2 <
										 heard->segments[index + 1].start)
		to++;
	return to;
}

/* One run of words as a segment of its own. */
static void
add_run(const Transcript *heard, const CutSpan *cuts, const size_t *places, size_t from,
		size_t to, Transcript *output)
{
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	for (size_t i = from; i < to; i++)
	{
		buffer_puts(&text, i > from ? " " : "");
		buffer_puts(&text, heard->words[i].text);
	}
	transcript_add_segment(output, moved(&cuts[places[from]], heard->words[from].start),
						   moved(&cuts[places[to - 1]], heard->words[to - 1].end),
						   text.data);
}

static void
add_segment(const Transcript *heard, const CutSpan *cuts, const size_t *places,
			const Segment *segment, size_t from, size_t to, Transcript *output)
{
	size_t kept = 0;

	for (size_t i = from; i < to; i++)
		kept += places[i] != NOWHERE;
	if (kept == to - from && kept > 0)
	{
		transcript_add_segment(output, moved(&cuts[places[from]], segment->start),
							   moved(&cuts[places[to - 1]], segment->end), segment->text);
		return;
	}
	while (from < to)
	{
		size_t end = from;

		while (end < to && places[end] != NOWHERE)
			end++;
		if (end > from)
			add_run(heard, cuts, places, from, end, output);
		from = end + 1;
	}
}

void
heard_retime(const Transcript *heard, const CutSpan *cuts, size_t count,
			 Transcript *output)
{
	CLEANUP(free) size_t *places = places_of(heard, cuts, count);

	transcript_init(output, heard->provider, heard->model, heard->language,
					spans_length(cuts, count));
	for (size_t i = 0; i < heard->word_count; i++)
	{
		const Word *word = &heard->words[i];

		if (places[i] != NOWHERE)
			transcript_add_word(output, moved(&cuts[places[i]], word->start),
								moved(&cuts[places[i]], word->end), word->confidence,
								word->text);
	}
	for (size_t i = 0, from = 0; i < heard->segment_count; i++)
	{
		size_t to = segment_end(heard, i, from);

		add_segment(heard, cuts, places, &heard->segments[i], from, to, output);
		from = to;
	}
	transcript_finish(output);
}

void
heard_confine(Transcript *heard, const Span *spans, size_t count)
{
	CLEANUP(free) CutSpan *cuts = array_new(count, sizeof *cuts);
	Transcript confined;

	/* a cut that moves nothing */
	for (size_t i = 0; i < count; i++)
		cuts[i] = (CutSpan){spans[i].start, spans[i].end, spans[i].start};
	heard_retime(heard, cuts, count, &confined);
	confined.duration = heard->duration;
	transcript_free(heard);
	*heard = confined;
}
