/*
 * speech/cues.c
 *	  Choosing where subtitles break, and when they are shown. Pure.
 *
 * A dynamic programme over break positions: best[j] is the least cost of showing the first
 * j tokens, cost(i, j) the price of a cue with the tokens i..j-1. Every token is in exactly
 * one cue, because every path from 0 to n covers 0..n: nothing can be lost. A cue of one
 * token is always allowed, so a path always exists.
 */
#include "speech/cues.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "speech/cue_token.h"

#define LINGER      0.5  /* seconds a cue may stay behind its last word */
#define LINGER_MOST 1.5  /* when more time is needed to read it */
#define PAUSE       0.4  /* a pause where a cue ends well */
#define LEAST_STEP  0.25 /* between two starts, when words pile up at one instant */

/* prices, in units of one break at an indifferent place (5) */
#define PRICE_CUE      4.0   /* few full cues rather than many short ones */
#define PRICE_SPEED    8.0   /* a character a second too fast */
#define PRICE_SHORT    400.0 /* a second too short: avoided whenever it can be */
#define PRICE_PAUSE    12.0  /* a second of pause inside a cue */
#define PRICE_SENTENCE 3.0   /* a sentence that ends inside */
#define PRICE_PHRASE   2.0   /* reward for a break where a phrase opens */
#define PRICE_ORPHAN   8.0   /* one lonely word */
#define PRICE_RAGGED   0.05  /* a character of difference between the lines */

typedef struct Plan
{
	const CueToken *tokens;
	size_t count;
	size_t width;
	double duration; /* 0 = unknown */
} Plan;

/* The price of ending a line or a cue before tokens[at]: less at a small pause, and less when
 * the next word opens a phrase ("and", "of", "that"), which is where it belongs. */
static double
price_break(const Plan *plan, size_t at)
{
	const CueToken *last = &plan->tokens[at - 1];
	const CueToken *next = last + 1;
	double pause;

	if (at == plan->count)
		return 0;
	pause = fmin(fmax(next->start - last->end, 0), PAUSE);
	return last->break_cost * (1.0 - pause / PAUSE) -
		   (next->break_cost == CUE_BREAK_WORST ? PRICE_PHRASE : 0);
}

static size_t
joined_width(const CueToken *tokens, size_t from, size_t to)
{
	size_t width = to - from - 1; /* the blanks */

	for (size_t i = from; i < to; i++)
		width += tokens[i].width;
	return width;
}

/*
 * The best place to divide from..to into two lines: the index of the second line's first
 * token, `to` when one line is enough, 0 when it does not fit. *cost is the price.
 */
static size_t
divide(const Plan *plan, size_t from, size_t to, double *cost)
{
	size_t whole = joined_width(plan->tokens, from, to);
	size_t upper = 0;
	size_t best = 0;

	*cost = whole <= plan->width ? 0 : INFINITY;
	if (whole <= plan->width)
		return to;
	for (size_t at = from + 1; at < to; at++)
	{
		size_t lower;
		double price;

		upper += plan->tokens[at - 1].width + (at > from + 1 ? 1 : 0);
		lower = whole - upper - 1;
		if (upper > plan->width)
			break;
		if (lower > plan->width)
			continue;
		price =
			price_break(plan, at) + PRICE_RAGGED * fabs((double) upper - (double) lower);
		if (price < *cost)
		{
			*cost = price;
			best = at;
		}
	}
	return best;
}

/* Until when the tokens from..to can stay on the screen. */
static double
latest_end(const Plan *plan, size_t to)
{
	double spoken = plan->tokens[to - 1].end + LINGER_MOST;

	if (to < plan->count)
		return fmin(spoken, plan->tokens[to].start - CUE_GAP);
	return plan->duration > 0 ? fmin(spoken, plan->duration) : spoken;
}

static double
price_inside(const CueToken *tokens, size_t from, size_t to)
{
	double price = 0;

	for (size_t i = from; i + 1 < to; i++)
	{
		double pause = tokens[i + 1].start - tokens[i].end;

		if (pause > PAUSE)
			price += PRICE_PAUSE * pause;
		if (tokens[i].break_cost == 0)
			price += PRICE_SENTENCE;
	}
	return price;
}

/* The price of the cue from..to; INFINITY when the rules forbid it. */
static double
price_cue(const Plan *plan, size_t from, size_t to)
{
	const CueToken *first = &plan->tokens[from];
	const CueToken *last = &plan->tokens[to - 1];
	double shown = fmin(latest_end(plan, to) - first->start, CUE_LONGEST);
	double speed = (double) joined_width(plan->tokens, from, to) / fmax(shown, 0.1);
	double price;

	if (to - from > 1 && last->end - first->start > CUE_LONGEST)
		return INFINITY;
	if (divide(plan, from, to, &price) == 0)
		return INFINITY;
	price += PRICE_CUE + price_inside(plan->tokens, from, to);
	price += price_break(plan, to);
	price += PRICE_SPEED * fmax(speed - CUE_MOST_SPEED, 0);
	price += PRICE_SHORT * fmax(CUE_SHORTEST - shown, 0);
	return price + (to - from == 1 ? PRICE_ORPHAN : 0);
}

/* Fills previous[j]: where the cue that ends at j begins on the cheapest path. */
static void
choose_breaks(const Plan *plan, size_t *previous)
{
	CLEANUP(free) double *best = array_new(plan->count + 1, sizeof *best);

	for (size_t to = 1; to <= plan->count; to++)
	{
		best[to] = INFINITY;
		for (size_t from = to; from-- > 0;)
		{
			double price;

			if (joined_width(plan->tokens, from, to) > 2 * plan->width + 1)
				break;
			price = best[from] + price_cue(plan, from, to);
			if (price < best[to])
			{
				best[to] = price;
				previous[to] = from;
			}
		}
	}
}

static char *
line_of(const CueToken *tokens, size_t from, size_t to)
{
	size_t bytes = 0;
	char *line;
	char *at;

	for (size_t i = from; i < to; i++)
		bytes += strlen(tokens[i].text) + 1;
	line = at = array_new(bytes + 1, 1);
	for (size_t i = from; i < to; i++)
	{
		if (i > from)
			*at++ = ' ';
		at = stpcpy(at, tokens[i].text);
	}
	return line;
}

/* How long a cue wants to stay: a moment behind its last word, longer when there is more
 * to read, never beyond the rules. */
static double
wanted_end(const Cue *cue, double spoken)
{
	double reading = (double) cue_length(cue) / CUE_MOST_SPEED;
	double needed = cue->start + fmax(reading, CUE_SHORTEST);

	return fmin(fmax(spoken + LINGER, fmin(needed, spoken + LINGER_MOST)),
				cue->start + CUE_LONGEST);
}

/* Starts that follow each other and leave room for the last cue before the end. Real
 * speech is left as it is; this is for words that pile up at one instant. */
static void
order_starts(Cue *cues, size_t count, double duration)
{
	double limit = duration - LEAST_STEP;

	for (size_t i = count; duration > 0 && i-- > 0;
		 limit = cues[i].start - LEAST_STEP - CUE_GAP)
		cues[i].start = fmax(fmin(cues[i].start, limit), 0);
	for (size_t i = 1; i < count; i++)
		cues[i].start = fmax(cues[i].start, cues[i - 1].start + LEAST_STEP + CUE_GAP);
}

/* Turns start and end of speech into start and end of display. */
static void
time_cues(Cue *cues, size_t count, double duration)
{
	order_starts(cues, count, duration);
	for (size_t i = 0; i < count; i++)
	{
		double end = wanted_end(&cues[i], cues[i].end);

		if (i + 1 < count)
			end = fmin(end, cues[i + 1].start - CUE_GAP);
		else if (duration > 0)
			end = fmin(end, duration);
		cues[i].end = fmax(end, cues[i].start + LEAST_STEP);
	}
}

static Cue
build_cue(const Plan *plan, size_t from, size_t to)
{
	const CueToken *tokens = plan->tokens;
	double price;
	size_t second = divide(plan, from, to, &price);
	Cue cue = {.start = tokens[from].start, .end = tokens[to - 1].end};

	cue.lines[0] = line_of(tokens, from, second);
	cue.lines[1] = second < to ? line_of(tokens, second, to) : NULL;
	return cue;
}

size_t
cues_make(const Word *words, size_t count, double duration, Cue **cues)
{
	size_t width = cue_line_width(words, count);
	CueToken *tokens = NULL;
	size_t token_count = cue_tokens(words, count, width, &tokens);
	Plan plan = {tokens, token_count, width, duration};
	CLEANUP(free) size_t *previous = array_new(token_count + 1, sizeof *previous);
	size_t made = 0;
	size_t last;

	choose_breaks(&plan, previous);
	for (size_t at = token_count; at > 0; at = previous[at])
		made++;
	*cues = array_new(made, sizeof **cues);
	last = made;
	for (size_t at = token_count; at > 0; at = previous[at])
		(*cues)[--last] = build_cue(&plan, previous[at], at);
	time_cues(*cues, made, duration);
	cue_tokens_free(tokens, token_count);
	return made;
}

size_t
cue_length(const Cue *cue)
{
	return utf8_width(cue->lines[0]) +
		   (cue->lines[1] != NULL ? 1 + utf8_width(cue->lines[1]) : 0);
}

void
cues_free(Cue *cues, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		free(cues[i].lines[0]);
		free(cues[i].lines[1]);
	}
	free(cues);
}
