/*
 * outline/limits.c
 *	  Granularity.
 *
 *	granularity   a topic lasts   topics, for D minutes   from one to the next, at least
 *	short         5..40 min       D/40 .. D/5             D * 0.12, 10..18 min
 *	medium        4..20 min       D/20 .. D/4             D * 0.08, 6..10 min
 *	long          3..12 min       D/12 .. D/3             D * 0.05, 4..6 min
 *
 * always 3..25 topics at least, 30 at most. Where so few topics fit that the distance would
 * leave no choice, three quarters of an even division are enough.
 *
 * A recording in which fewer than five of the shortest topics fit is short for its
 * granularity; these limits would leave it one or two topics. It gets 3 to 5 of them: one
 * for every 45 s, none shorter than a tenth of the recording or 30 s. Below 90 s there is
 * one topic for every 30 s.
 */
#include "outline/limits.h"

#include <math.h>
#include <string.h>

#define MOST_TOPICS   30.0
#define MOST_FEWEST   25.0
#define FEWEST        3.0
#define SHORT_TOPICS  5.0
#define SHORT_SPACING 45.0
#define SHORT_MINIMUM 30.0
#define SHORT_PENALTY 3.0 /* few words are little evidence */
#define SPACING_SHARE 0.75
#define SLACK         1.5

static const struct
{
	const char *name;
	double shortest; /* minutes */
	double longest;
	double penalty;
	double spacing; /* of the duration */
	double spacing_least;
	double spacing_most;
} granularities[] = {
	{"short",  5, 40, 8, 0.12, 10, 18},
	{"medium", 4, 20, 5, 0.08, 6,  10},
	{"long",   3, 12, 3, 0.05, 4,  6 },
};

#define COUNT (sizeof granularities / sizeof granularities[0])

static double
clamp(double value, double low, double high)
{
	return fmin(fmax(value, low), high);
}

static void
short_limits(double duration, Limits *limits)
{
	double fits = floor(duration / SHORT_MINIMUM);

	limits->shortest = fmin(limits->shortest, fmax(SHORT_MINIMUM, duration / 10.0));
	limits->spacing = limits->shortest;
	limits->penalty = fmin(limits->penalty, SHORT_PENALTY);
	limits->fewest = (size_t) clamp(fits, 1, FEWEST);
	limits->most = (size_t) clamp(floor(duration / SHORT_SPACING),
								  (double) limits->fewest, SHORT_TOPICS);
}

bool
limits_are_one(double duration)
{
	double least = INFINITY;

	/* no topic of so short a recording is too long for one of them, either */
	for (size_t i = 0; i < COUNT; i++)
		least = fmin(least, fmin(SHORT_TOPICS * granularities[i].shortest,
								 granularities[i].longest));
	return duration < least * 60.0;
}

bool
limits_of(const char *granularity, double duration, Limits *limits, Error *err)
{
	size_t row = COUNT - 1;

	while (granularity != NULL && strcmp(granularities[row].name, granularity) != 0)
		if (row-- == 0)
			return error_set(err, ERROR_PERMANENT, "bad_granularity",
							 "Set transcription.granularity to short, medium or long.",
							 "the granularity of topics cannot be \"%s\"", granularity);
	limits->shortest = granularities[row].shortest * 60.0;
	limits->longest = granularities[row].longest * 60.0;
	limits->penalty = granularities[row].penalty;
	if (duration < SHORT_TOPICS * limits->shortest)
	{
		short_limits(duration, limits);
		return true;
	}
	limits->fewest =
		(size_t) clamp(ceil(duration / limits->longest), FEWEST, MOST_FEWEST);
	limits->most = (size_t) clamp(floor(duration / limits->shortest),
								  (double) limits->fewest, MOST_TOPICS);
	limits->spacing = clamp(granularities[row].spacing * duration,
							granularities[row].spacing_least * 60.0,
							granularities[row].spacing_most * 60.0);
	limits->spacing =
		fmax(limits->shortest,
			 fmin(limits->spacing, SPACING_SHARE * duration / (double) limits->fewest));
	return true;
}
