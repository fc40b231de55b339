/*
 * schedule.c
 *	  The next run of a schedule.
 *
 * Concept: let shown(t) be the latest time that the wall clock of the zone has shown up to the
 * instant t. It never goes back, so the rule "each minute runs when the clock first shows it or
 * something later" becomes: the next run after t is that of the first matching minute later
 * than shown(t). Two questions to the zone and one to the rule answer it, in every zone.
 */
#include "schedule.h"

#include "calendar.h"

#define YEAR_DAYS 366

/* The latest time the wall clock has shown up to this instant. */
static int64_t
latest_shown(const Zone *zone, int64_t instant)
{
	/* a clock that was put back earlier than this shows later times by now */
	int64_t at = instant - 2 * ZONE_MAX_OFFSET;
	int64_t latest = INT64_MIN;
	ZoneSpan span = zone->span(zone, at);

	while (span.end <= instant)
	{
		/* the last second before the change */
		latest =
			span.end - 1 + span.offset > latest ? span.end - 1 + span.offset : latest;
		at = span.end;
		span = zone->span(zone, at);
	}
	return instant + span.offset > latest ? instant + span.offset : latest;
}

/* The first instant at which the wall clock shows this time or a later one. */
static int64_t
first_shown(const Zone *zone, int64_t time)
{
	int64_t at = time - 2 * ZONE_MAX_OFFSET;
	ZoneSpan span = zone->span(zone, at);

	while (time - span.offset >= span.end)
	{
		at = span.end;
		span = zone->span(zone, at);
	}
	return time - span.offset > at ? time - span.offset : at;
}

static int64_t
next_by_hours(const Schedule *schedule, int64_t after)
{
	int64_t step = (int64_t) schedule->hours * 3600;

	if (after < schedule->anchor)
		return schedule->anchor;
	return schedule->anchor + ((after - schedule->anchor) / step + 1) * step;
}

bool
schedule_next(const Schedule *schedule, const Zone *zone, int64_t after, int64_t *next)
{
	int64_t minute;

	if (schedule->kind == SCHEDULE_HOURS)
	{
		*next = next_by_hours(schedule, after);
		return true;
	}
	minute = calendar_floor_divide(latest_shown(zone, after), 60) + 1;
	if (!cron_next(&schedule->cron, minute, &minute))
		return false;
	*next = first_shown(zone, minute * 60);
	return true;
}

bool
schedule_least_interval(const Schedule *schedule, const Zone *zone, int64_t from,
						int64_t *seconds)
{
	int64_t first_day;

	if (schedule->kind == SCHEDULE_HOURS)
	{
		*seconds = (int64_t) schedule->hours * 3600;
		return true;
	}
	first_day = calendar_floor_divide(latest_shown(zone, from), CALENDAR_DAY_SECONDS);
	if (!cron_least_gap(&schedule->cron, first_day, YEAR_DAYS, seconds))
		return false;
	*seconds *= 60;
	return true;
}
