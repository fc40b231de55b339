/*
 * schedule_json.h
 *	  Schedules as people write them, in JSON.
 */
#ifndef LEAP_SCHEDULE_JSON_H
#define LEAP_SCHEDULE_JSON_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "schedule.h"

/* A schedule that was read, and how it is written. */
typedef struct WrittenSchedule
{
	Schedule schedule;
	Zone zone;
	const char *zone_name; /* of all but hours */
	int hour;              /* of daily and weekdays */
	int minute;
	uint32_t weekdays;      /* of weekdays: bit 1 = Monday to 7 = Sunday */
	const char *expression; /* of cron, with single blanks */
	bool anchored;          /* of hours: an anchor was named */
} WrittenSchedule;

/* Reads a schedule; raises LP030 for what is none. */
void schedule_read(Jsonb *json, WrittenSchedule *written);

/* The schedule with every key it has, in one way of writing. */
Jsonb *schedule_write(const WrittenSchedule *written);

#endif
