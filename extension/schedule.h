/*
 * schedule.h
 *	  When a schedule runs: rules on the wall clock of a time zone, or every so many hours.
 *
 * Concept: a rule names minutes of the wall clock, and each of them gives one run, at the
 * first instant at which the clock of the zone shows it or, where the clock was put forward
 * over it, something later. So a minute that does not exist runs at the first instant after
 * the gap, together with others that fall there, and one that comes twice runs the first
 * time. Instants are seconds since 1970-01-01 00:00 UTC. No server is needed: zones are
 * reached through an interface.
 */
#ifndef LEAP_SCHEDULE_H
#define LEAP_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "cron.h"

/* The largest difference between a zone and UTC is less than this. */
#define ZONE_MAX_OFFSET (24 * 3600)

/* How a zone differs from UTC at an instant, in seconds east of it, and until when. */
typedef struct ZoneSpan
{
	int64_t offset;
	int64_t end; /* the first instant of the next offset; INT64_MAX: stays so */
} ZoneSpan;

typedef struct Zone Zone;
struct Zone
{
	ZoneSpan (*span)(const Zone *zone, int64_t instant);
	const void *data; /* the implementation's */
};

typedef enum ScheduleKind
{
	SCHEDULE_DAILY,
	SCHEDULE_HOURS,
	SCHEDULE_WEEKDAYS,
	SCHEDULE_CRON,
} ScheduleKind;

typedef struct Schedule
{
	ScheduleKind kind;
	Cron cron;      /* of all but hours */
	int hours;      /* of hours: from one run to the next */
	int64_t anchor; /* of hours: the first run */
} Schedule;

/* The first run after an instant. False: there is none, for ever. For hours the zone is not
 * asked. */
bool schedule_next(const Schedule *schedule, const Zone *zone, int64_t after,
				   int64_t *next);

/*
 * The shortest time between two consecutive runs in the year that begins at an instant, in
 * seconds of the wall clock: an hour that the clock leaves out or repeats does not count.
 * False: there are fewer than two.
 */
bool schedule_least_interval(const Schedule *schedule, const Zone *zone, int64_t from,
							 int64_t *seconds);

#endif
