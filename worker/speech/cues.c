/*
 * speech/cues.c
 *	  Choosing where subtitles break. Pure.
 *
 * A dynamic programme over break positions: best[j] is the least cost of showing the first
 * j tokens, cost(i, j) the price of a cue with the tokens i..j-1. Every token is in exactly
 * one cue, because every path from 0 to n covers 0..n: nothing can be lost. A cue holds at
 * most two lines, so that the work for each token is bounded.
 *
 * It runs once for each stretch of speech between long pauses, where every cue ends anyway.
 * First only cues that stay long enough to be read are allowed; where speech is too fast for
 * that, once more with all, and the time that is missing has a price.
 */
#include "speech/cues.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "speech/cue_made.h"
#include "speech/cue_time.h"
#include "speech/cue_token.h"

#define PAUSE 0.4 /* a pause where a cue ends well */

/* prices, in units of one break at an indifferent place (5) */
#define PRICE_PLAIN    5.0
#define PRICE_CLAUSE   2.0
#define PRICE_CLINGING 10.0
#define PRICE_TORN     30.0 /* behind an article, a preposition, a conjunction */
#define PRICE_OPENING  2.0  /* reward for a break where a phrase opens */
#define PRICE_CUE      4.0  /* few full cues rather than many short ones */
#define PRICE_PAUSE    12.0 /* a second of pause inside a cue */
#define PRICE_SENTENCE 3.0  /* a sentence that ends inside */
#define PRICE_ORPHAN   8.0  /* one lonely word in a cue */
#define PRICE_LONELY   4.0  /* or in a line of two */
#define PRICE_RAGGED   0.05 /* a character of difference between the lines */
#define PRICE_MISSING  60.0 /* a second too short */
#define PRICE_UNREAD   10.0 /* a cue that is too short at all */
#define PRICE_BORDER   15.0 /* going on where people ended a cue */

/* What is no difference: rounding to milliseconds. */
#define TOLERANCE 0.001

typedef struct Plan
{
	const CueToken *tokens;
	size_t count;
	size_t width;    /* of a line */
	double duration; /* 0 = unknown */
	size_t *columns; /* of all tokens before that one, a blank behind each */
	double *broken;  /* price of ending a line or a cue before that token */
	double *joined;  /* price of not ending a cue before any token up to that one */
} Plan;

static double
pause_before(const CueToken *token)
{
	return fmax(token->start - token[-1].end, 0);
}

/* The price of ending a line or a cue between two tokens: less at a small pause, and less
 * when the next word opens a phrase ("and", "of", "that"), which is where it belongs. */
static double
price_break(const CueToken *last)
{
	const CueToken *next = last + 1;
	double pause = pause_before(next);
	double reward = next->phrase == CUE_PHRASE_OPENS ? PRICE_OPENING : 0;
	double price = PRICE_PLAIN;

	if (last->border)
		return -PRICE_BORDER;
	if (last->ends)
		return -reward;
	if (last->pauses)
		price = PRICE_CLAUSE;
	else if (last->phrase == CUE_PHRASE_CLINGS)
		price = PRICE_CLINGING;
	/* who hesitates behind "the" still says one phrase */
	else if (last->phrase != CUE_PHRASE_NONE)
		return PRICE_TORN * (1 - fmin(pause, CUE_PAUSE_MOST) / CUE_PAUSE_MOST);
	return price * (1 - fmin(pause, PAUSE) / PAUSE) - reward;
}

/* The price of going on within a cue. */
static double
price_join(const CueToken *last)
{
	double pause = pause_before(last + 1);

	return (pause > PAUSE ? PRICE_PAUSE * pause : 0) + (last->ends ? PRICE_SENTENCE : 0) +
		   (last->border ? PRICE_BORDER : 0);
}

static void
plan_prices(Plan *plan)
{
	plan->columns = array_new(plan->count + 1, sizeof *plan->columns);
	plan->broken = array_new(plan->count + 1, sizeof *plan->broken);
	plan->joined = array_new(plan->count + 1, sizeof *plan->joined);
	for (size_t i = 0; i < plan->count; i++)
		plan->columns[i + 1] = plan->columns[i] + plan->tokens[i].width + 1;
	for (size_t i = 1; i < plan->count; i++)
	{
		plan->broken[i] = price_break(&plan->tokens[i - 1]);
		plan->joined[i] = plan->joined[i - 1] + price_join(&plan->tokens[i - 1]);
	}
}

static void
cleanup_plan(Plan *plan)
{
	free(plan->columns);
	free(plan->broken);
	free(plan->joined);
}

static size_t
columns_of(const Plan *plan, size_t from, size_t to)
{
	return plan->columns[to] - plan->columns[from] - 1;
}

static double
price_line_break(const Plan *plan, size_t from, size_t at, size_t to)
{
	double upper = (double) columns_of(plan, from, at);
	double lower = (double) columns_of(plan, at, to);
	bool lonely = to - from > 2 && (at - from == 1 || to - at == 1);

	return plan->broken[at] + PRICE_RAGGED * fabs(upper - lower) +
		   (lonely ? PRICE_LONELY : 0);
}

/*
 * The best place to divide from..to into two lines: the index of the second line's first
 * token, `to` when one line is enough, 0 when it does not fit. *cost is the price.
 */
static size_t
divide(const Plan *plan, size_t from, size_t to, double *cost)
{
	size_t best = 0;

	*cost = 0;
	if (columns_of(plan, from, to) <= plan->width)
		return to;
	*cost = INFINITY;
	for (size_t at = to - 1; at > from && columns_of(plan, at, to) <= plan->width; at--)
	{
		double price;

		if (columns_of(plan, from, at) > plan->width)
			continue;
		price = price_line_break(plan, from, at, to);
		if (price < *cost)
		{
			*cost = price;
			best = at;
		}
	}
	return best;
}

/* How long the tokens from..to can stay on the screen. */
static double
time_to_show(const Plan *plan, size_t from, size_t to)
{
	double end = plan->tokens[to - 1].end + CUE_LINGER_MOST;

	if (to < plan->count)
		end = fmin(end, plan->tokens[to].start - CUE_GAP);
	else if (plan->duration > 0)
		end = fmin(end, plan->duration);
	return fmin(end - plan->tokens[from].start, CUE_LONGEST);
}

/* The price of the cue from..to; INFINITY when the rules forbid it. */
static double
price_cue(const Plan *plan, size_t from, size_t to, bool readable)
{
	const CueToken *first = &plan->tokens[from];
	const CueToken *last = &plan->tokens[to - 1];
	double missing =
		cue_reading_time(columns_of(plan, from, to)) - time_to_show(plan, from, to);
	double price;

	if (to - from > 1 && last->end - first->start > CUE_LONGEST)
		return INFINITY;
	if (readable && missing > TOLERANCE)
		return INFINITY;
	if (divide(plan, from, to, &price) == 0)
		return INFINITY;
	price += PRICE_CUE + plan->joined[to - 1] - plan->joined[from];
	price += plan->broken[to];
	price += missing > TOLERANCE ? PRICE_UNREAD + PRICE_MISSING * missing : 0;
	return price + (to - from == 1 ? PRICE_ORPHAN : 0);
}

/* Fills previous[j] for the tokens first..end: where the cue that ends at j begins on the
 * cheapest path. False when there is none of cues that can be read. */
static bool
choose_breaks(const Plan *plan, size_t first, size_t end, bool readable, double *best,
			  size_t *previous)
{
	best[first] = 0;
	for (size_t to = first + 1; to <= end; to++)
	{
		best[to] = INFINITY;
		for (size_t from = to; from-- > first;)
		{
			double price;

			if (columns_of(plan, from, to) > 2 * plan->width + 1)
				break;
			if (best[from] == INFINITY)
				continue;
			price = best[from] + price_cue(plan, from, to, readable);
			if (price < best[to])
			{
				best[to] = price;
				previous[to] = from;
			}
		}
	}
	return best[end] < INFINITY;
}

/* The end of the stretch of speech that begins there: a long pause, a cue that is kept, or
 * the end of all. */
static size_t
stretch_end(const Plan *plan, size_t first)
{
	size_t end = first + 1;

	while (end < plan->count && plan->tokens[end].kept == 0 &&
		   pause_before(&plan->tokens[end]) <= CUE_PAUSE_MOST)
		end++;
	return end;
}

static void
choose_all_breaks(const Plan *plan, size_t *previous)
{
	CLEANUP(free) double *best = array_new(plan->count + 1, sizeof *best);
	size_t end;

	for (size_t first = 0; first < plan->count; first = end)
	{
		if (plan->tokens[first].kept > 0)
		{
			end = first + plan->tokens[first].kept;
			previous[end] = first;
			continue;
		}
		end = stretch_end(plan, first);
		if (!choose_breaks(plan, first, end, true, best, previous))
			(void) choose_breaks(plan, first, end, false, best, previous);
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

static Cue
build_cue(const Plan *plan, size_t from, size_t to)
{
	const CueToken *tokens = plan->tokens;
	double price;
	size_t second = divide(plan, from, to, &price);
	Cue cue = {.start = tokens[from].start,
			   .end = tokens[to - 1].end,
			   .kept = tokens[from].kept == to - from};

	cue.lines[0] = line_of(tokens, from, second);
	cue.lines[1] = second < to ? line_of(tokens, second, to) : NULL;
	return cue;
}

static size_t
build_cues(const Plan *plan, Cue **cues)
{
	CLEANUP(free) size_t *previous = array_new(plan->count + 1, sizeof *previous);
	size_t made = 0;
	size_t last;

	choose_all_breaks(plan, previous);
	for (size_t at = plan->count; at > 0; at = previous[at])
		made++;
	*cues = array_new(made, sizeof **cues);
	last = made;
	for (size_t at = plan->count; at > 0; at = previous[at])
		(*cues)[--last] = build_cue(plan, previous[at], at);
	return made;
}

/* captions: whose words they are, and whose segments are cues already; NULL: of nobody. */
static size_t
make(const Word *words, size_t count, const Transcript *captions, double duration,
	 Cue **cues)
{
	size_t width = cue_line_width(words, count);
	CueToken *tokens = NULL;
	size_t token_count = cue_tokens(words, count, width, &tokens);
	CLEANUP(plan) Plan plan = {tokens, token_count, width, duration, NULL, NULL, NULL};
	size_t made;

	cue_tokens_settle(tokens, token_count, duration);
	if (captions != NULL)
		cue_tokens_keep(tokens, token_count, captions, width, duration);
	plan_prices(&plan);
	made = build_cues(&plan, cues);
	cues_time(*cues, made, duration);
	cue_tokens_free(tokens, token_count);
	return made;
}

size_t
cues_make(const Word *words, size_t count, double duration, Cue **cues)
{
	return make(words, count, NULL, duration, cues);
}

size_t
cues_keep(const Transcript *captions, double duration, Cue **cues)
{
	return make(captions->words, captions->word_count, captions, duration, cues);
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
