/*
 * outline/segment.c
 *	  Minimum-cost segmentation after M. Utiyama and H. Isahara, "A statistical model for
 *	  domain-independent text segmentation" (ACL 2001).
 *
 * A topic that uses few different words is probable, one that mixes vocabularies is not.
 * With f(w) the number of times stem w occurs in a stretch of L stems, and W different
 * stems in the lecture, the stretch costs
 *
 *	L log(L + W) - sum over w of f(w) log(f(w) + 1)
 *
 * and every topic costs penalty * log(stems in the lecture) besides. best[k][j] is the least
 * cost of dividing the first j utterances into k topics. Stretches that are too short, too
 * long, or that contain a long pause do not exist.
 */
#include "outline/segment.h"

#include <math.h>

#include "base/array.h"
#include "base/cleanup.h"

typedef struct Search
{
	const Lecture *lecture;
	double shortest;
	double longest;
	size_t most;
	double *best;   /* (most + 1) rows of count + 1 */
	size_t *before; /* where the last topic of best[k][j] begins */
} Search;

bool
long_pause_behind(const Lecture *lecture, size_t i)
{
	return lecture->utterances[i + 1].start - lecture->utterances[i].end >= LONG_PAUSE;
}

static size_t
cell(const Search *search, size_t topics, size_t end)
{
	return topics * (search->lecture->count + 1) + end;
}

/* x log(x + 1), what a stem that occurs x times contributes. */
static double
gain(size_t times)
{
	return (double) times * log((double) times + 1.0);
}

static void
offer(Search *search, size_t from, size_t to, double cost)
{
	for (size_t k = 1; k <= search->most; k++)
	{
		double total = search->best[cell(search, k - 1, from)] + cost;

		if (total < search->best[cell(search, k, to)])
		{
			search->best[cell(search, k, to)] = total;
			search->before[cell(search, k, to)] = from;
		}
	}
}

/* The time from the topic's first word to the next topic's, or to a pause. */
static double
length_of(const Lecture *lecture, size_t from, size_t to)
{
	double end = lecture->utterances[to - 1].end;

	if (to < lecture->count && !long_pause_behind(lecture, to - 1))
		end = lecture->utterances[to].start;
	return end - lecture->utterances[from].start;
}

/* Offers every topic that begins with utterance `from`. counts is zero, and is again
 * afterwards. */
static void
extend(Search *search, size_t from, size_t *counts)
{
	const Lecture *lecture = search->lecture;
	double gained = 0;
	double stems = 0;
	size_t to = from;

	while (to < lecture->count)
	{
		const Utterance *utterance = &lecture->utterances[to++];
		double length;

		for (size_t k = 0; k < utterance->token_count; k++)
		{
			int stem = utterance->tokens[k].stem;

			if (stem == NO_STEM)
				continue;
			gained += gain(counts[stem] + 1) - gain(counts[stem]);
			counts[stem]++;
			stems++;
		}
		length = length_of(lecture, from, to);
		if (length > search->longest && to > from + 1)
			break;
		if (length >= search->shortest || (from == 0 && to == lecture->count))
			offer(search, from, to,
				  stems * log(stems + (double) lecture->stem_count + 1.0) - gained);
		if (to < lecture->count && long_pause_behind(lecture, to - 1))
			break;
	}
	for (size_t i = from; i < to; i++)
		for (size_t k = 0; k < lecture->utterances[i].token_count; k++)
			if (lecture->utterances[i].tokens[k].stem != NO_STEM)
				counts[lecture->utterances[i].tokens[k].stem] = 0;
}

/* The best number of topics from `fewest` on; 0 when no division is possible. */
static size_t
cheapest(const Search *search, size_t fewest, double penalty)
{
	double least = INFINITY;
	size_t topics = 0;

	for (size_t k = fewest; k <= search->most; k++)
	{
		double cost =
			search->best[cell(search, k, search->lecture->count)] + (double) k * penalty;

		if (cost < least)
		{
			least = cost;
			topics = k;
		}
	}
	return topics;
}

static size_t
divide(Search *search, size_t fewest, double penalty, size_t **starts)
{
	const Lecture *lecture = search->lecture;
	size_t cells = (search->most + 1) * (lecture->count + 1);
	CLEANUP(free) size_t *counts = array_new(lecture->stem_count, sizeof *counts);
	CLEANUP(free) double *best = array_new(cells, sizeof *best);
	CLEANUP(free) size_t *before = array_new(cells, sizeof *before);
	size_t topics;
	size_t at = lecture->count;

	for (size_t i = 1; i < cells; i++)
		best[i] = INFINITY;
	search->best = best;
	search->before = before;
	for (size_t from = 0; from < lecture->count; from++)
		extend(search, from, counts);
	topics = cheapest(search, fewest, penalty);
	if (topics == 0)
		return 0;
	*starts = array_new(topics, sizeof **starts);
	for (size_t k = topics; k > 0; k--)
	{
		at = before[cell(search, k, at)];
		(*starts)[k - 1] = at;
	}
	return topics;
}

size_t
segment_topics(const Lecture *lecture, const Limits *limits, size_t **starts)
{
	double penalty = limits->penalty * log(fmax((double) lecture->token_total, 2.0));
	Search search = {
		.lecture = lecture, .shortest = limits->spacing, .longest = limits->longest};
	size_t parts = 1;
	size_t topics;

	for (size_t i = 0; i + 1 < lecture->count; i++)
		parts += long_pause_behind(lecture, i);
	search.most = limits->most > parts ? limits->most : parts;
	if (search.most > lecture->count)
		search.most = lecture->count;
	topics = divide(&search, limits->fewest, penalty, starts);
	if (topics > 0)
		return topics;
	/* pauses or one long utterance leave no room for the limits: first they may be long, then
	 * only pauses count */
	search.longest = INFINITY;
	topics = divide(&search, limits->fewest, penalty, starts);
	if (topics > 0)
		return topics;
	search.shortest = 0;
	topics = divide(&search, limits->fewest, penalty, starts);
	return topics > 0 ? topics : divide(&search, 1, penalty, starts);
}
