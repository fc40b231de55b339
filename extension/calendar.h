/*
 * calendar.h
 *	  Days, weekdays and points in time of the proleptic Gregorian calendar, without a server.
 *
 * A day is the number of days since 1970-01-01, a point in time the number of seconds since
 * its midnight in UTC. Both may be negative.
 */
#ifndef LEAP_CALENDAR_H
#define LEAP_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALENDAR_DAY_MINUTES 1440
#define CALENDAR_DAY_SECONDS 86400

/* After so many years the calendar repeats, weekdays included. */
#define CALENDAR_CYCLE_YEARS 400

typedef struct CalendarDate
{
	int64_t year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
} CalendarDate;

/* Rounds towards the past, whatever the signs; the divisor is positive. */
int64_t calendar_floor_divide(int64_t number, int64_t divisor);

/* The day of a date. */
int64_t calendar_day(const CalendarDate *date);

/* The date of a day. */
CalendarDate calendar_date(int64_t day);

/* 28 to 31. */
int calendar_month_days(int64_t year, int month);

/* 0 = Sunday to 6 = Saturday. */
int calendar_weekday(int64_t day);

/*
 * Reads "YYYY-MM-DD[T| ]HH:MM[:SS[.digits]][Z|+HH[[:]MM]|-HH[[:]MM]]"; without a zone it is
 * UTC, fractions of a second are cut off. False for anything else, also for days that no
 * calendar has.
 */
bool calendar_read_time(const char *text, int64_t *seconds);

/* Writes "2026-03-29T01:00:00Z". Returns text; 32 bytes are enough. */
char *calendar_write_time(int64_t seconds, char *text, size_t size);

#endif
