/*
 * speech/cue_made.c
 *	  Cues that people made: which of them may be shown as they are. Pure.
 */
#include "speech/cue_made.h"

#include <math.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "speech/cue_time.h"
#include "speech/cues.h"

/* What is no difference: rounding to milliseconds. */
#define TOLERANCE 0.001

/* The tokens from..to of one cue. */
typedef struct MadeCue
{
	size_t from;
	size_t to;
	bool kept;
} MadeCue;

typedef struct MadeCues
{
	CueToken *tokens;
	size_t token_count;
	size_t width;
	double duration;
	MadeCue *items;
	size_t count;
} MadeCues;

static size_t
columns_of(const MadeCues *made, const MadeCue *cue)
{
	size_t columns = cue->to - cue->from - 1;

	for (size_t i = cue->from; i < cue->to; i++)
		columns += made->tokens[i].width;
	return columns;
}

/* Two lines suffice; the first takes what it can. */
static bool
fits(const MadeCues *made, const MadeCue *cue)
{
	size_t lines = 1;
	size_t used = 0;

	for (size_t i = cue->from; i < cue->to; i++)
	{
		size_t width = made->tokens[i].width;

		if (used > 0 && used + 1 + width > made->width)
		{
			lines++;
			used = 0;
		}
		used += (used > 0) + width;
	}
	return lines <= 2;
}

/* How long it may stay: `more` seconds behind its last word, until the next one begins. */
static double
time_of(const MadeCues *made, const MadeCue *cue, double more)
{
	double end = made->tokens[cue->to - 1].end + more;

	if (cue->to < made->token_count)
		end = fmin(end, made->tokens[cue->to].start - CUE_GAP);
	else if (made->duration > 0)
		end = fmin(end, made->duration);
	return end - made->tokens[cue->from].start;
}

/* One line that would stay for too long is said sooner: better gone than torn. */
static void
hasten(const MadeCues *made, const MadeCue *cue)
{
	double start = made->tokens[cue->from].start;
	double factor = CUE_LONGEST / (made->tokens[cue->to - 1].end - start);

	if (!(factor < 1) || columns_of(made, cue) > made->width)
		return;
	for (size_t i = cue->from; i < cue->to; i++)
	{
		CueToken *token = &made->tokens[i];

		token->start = start + (token->start - start) * factor;
		token->end = start + (token->end - start) * factor;
	}
}

static bool
obeys(const MadeCues *made, const MadeCue *cue)
{
	double shown = time_of(made, cue, 0);

	return fits(made, cue) && shown <= CUE_LONGEST + TOLERANCE &&
		   shown + TOLERANCE >= cue_reading_time(columns_of(made, cue));
}

/* Whatever is done with it alone, nobody could read it. */
static bool
is_hopeless(const MadeCues *made, const MadeCue *cue)
{
	return time_of(made, cue, CUE_LINGER_MOST) + TOLERANCE <
		   cue_reading_time(columns_of(made, cue));
}

static bool
follows(const MadeCues *made, size_t i)
{
	const CueToken *next = &made->tokens[made->items[i].from];

	return next->start - next[-1].end <= CUE_GAP_CLOSED;
}

static double
middle(const Word *word)
{
	return (word->start + word->end) / 2;
}

/* Which tokens are of which segment: those whose middle comes before the next one begins. */
static void
find_cues(MadeCues *made, const Transcript *captions)
{
	for (size_t i = 0, from = 0; i < captions->segment_count; i++)
	{
		bool last = i + 1 == captions->segment_count;
		size_t to = from;

		while (to < made->token_count &&
			   (last || middle(&captions->words[made->tokens[to].word]) <
							captions->segments[i + 1].start))
			to++;
		if (to > from)
			made->items[made->count++] = (MadeCue){from, to, false};
		from = to;
	}
}

/* The ones beside a hopeless one are divided anew with it. */
static void
choose(MadeCues *made)
{
	for (size_t i = 0; i < made->count; i++)
		hasten(made, &made->items[i]);
	for (size_t i = 0; i < made->count; i++)
		made->items[i].kept = obeys(made, &made->items[i]);
	for (size_t i = 0; i < made->count; i++)
	{
		if (!is_hopeless(made, &made->items[i]))
			continue;
		if (i > 0 && follows(made, i))
			made->items[i - 1].kept = false;
		if (i + 1 < made->count && follows(made, i + 1))
			made->items[i + 1].kept = false;
	}
}

void
cue_tokens_keep(CueToken *tokens, size_t count, const Transcript *captions, size_t width,
				double duration)
{
	CLEANUP(free)
	MadeCue *items = array_new(captions->segment_count, sizeof *items);
	MadeCues made = {tokens, count, width, duration, items, 0};

	find_cues(&made, captions);
	choose(&made);
	for (size_t i = 0; i < made.count; i++)
	{
		tokens[items[i].to - 1].border = true;
		if (items[i].kept)
			tokens[items[i].from].kept = items[i].to - items[i].from;
	}
}
