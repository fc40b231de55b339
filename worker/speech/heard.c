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

/* Which span a word is in, its ends included: of two that touch, the second; NOWHERE: in none. */
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
	return low > 0 && middle <= cuts[low - 1].end ? low - 1 : NOWHERE;
}

static size_t *
places_of(const Transcript *heard, const CutSpan *cuts, size_t count)
{
	size_t *places = array_new(heard->word_count, sizeof *places);

	for (size_t i = 0; i < heard->word_count; i++)
		places[i] = place_of(&heard->words[i], cuts, count);
	return places;
}

/* Choosing words by spans. */
typedef struct Choice
{
	const Transcript *heard;
	const CutSpan *cuts;
	const size_t *places; /* where each word is */
	bool confine;         /* times stay, and no segment reaches over several spans */
	Transcript *output;
} Choice;

/* A time of what lies in that span: it ends with its span. */
static double
moved(const Choice *choice, size_t place, double time)
{
	const CutSpan *cut = &choice->cuts[place];

	return choice->confine
			   ? time
			   : cut->at + fmin(fmax(time, cut->start), cut->end) - cut->start;
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
add_run(const Choice *choice, size_t from, size_t to)
{
	const Word *words = choice->heard->words;
	CLEANUP(buffer) Buffer text;

	buffer_init(&text);
	for (size_t i = from; i < to; i++)
	{
		buffer_puts(&text, i > from ? " " : "");
		buffer_puts(&text, words[i].text);
	}
	transcript_add_segment(
		choice->output, moved(choice, choice->places[from], words[from].start),
		moved(choice, choice->places[to - 1], words[to - 1].end), text.data);
}

static void
add_segment(const Choice *choice, const Segment *segment, size_t from, size_t to)
{
	const size_t *places = choice->places;
	size_t kept = 0;

	for (size_t i = from; i < to; i++)
		kept += places[i] != NOWHERE;
	if (kept == to - from && kept > 0 &&
		(!choice->confine || places[from] == places[to - 1]))
	{
		transcript_add_segment(
			choice->output, moved(choice, places[from], segment->start),
			moved(choice, places[to - 1], segment->end), segment->text);
		return;
	}
	while (from < to)
	{
		size_t end = from;

		while (end < to && places[end] != NOWHERE &&
			   (!choice->confine || places[end] == places[from]))
			end++;
		if (end > from)
			add_run(choice, from, end);
		from = end > from ? end : end + 1;
	}
}

static void
choose(const Transcript *heard, const CutSpan *cuts, size_t count, bool confine,
	   Transcript *output)
{
	CLEANUP(free) size_t *places = places_of(heard, cuts, count);
	Choice choice = {heard, cuts, places, confine, output};

	transcript_init(output, heard->provider, heard->model, heard->language,
					confine ? heard->duration : spans_length(cuts, count));
	for (size_t i = 0; i < heard->word_count; i++)
	{
		const Word *word = &heard->words[i];

		if (places[i] != NOWHERE)
			transcript_add_word(output, moved(&choice, places[i], word->start),
								moved(&choice, places[i], word->end), word->confidence,
								word->text);
	}
	for (size_t i = 0, from = 0; i < heard->segment_count; i++)
	{
		size_t to = segment_end(heard, i, from);

		add_segment(&choice, &heard->segments[i], from, to);
		from = to;
	}
	transcript_finish(output);
}

void
heard_retime(const Transcript *heard, const CutSpan *cuts, size_t count,
			 Transcript *output)
{
	choose(heard, cuts, count, false, output);
}

void
heard_confine(Transcript *heard, const Span *spans, size_t count)
{
	CLEANUP(free) CutSpan *cuts = array_new(count, sizeof *cuts);
	Transcript confined = {0};

	for (size_t i = 0; i < count; i++)
		cuts[i] = (CutSpan){spans[i].start, spans[i].end, spans[i].start};
	choose(heard, cuts, count, true, &confined);
	transcript_free(heard);
	*heard = confined;
}
