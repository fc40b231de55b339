/*
 * cron.h
 *	  Cron expressions: which minutes of the wall clock they name, without a server or zones.
 *
 * Five fields: minute 0-59, hour 0-23, day of month 1-31, month 1-12 or JAN-DEC, day of week
 * 0-7 or SUN-SAT (0 and 7 are Sunday); *, lists, ranges, and steps behind * or a range. If
 * neither day of month nor day of week begins with *, a day that matches either one counts;
 * else it must match both (as cron has always done). @hourly, @daily, @midnight, @weekly,
 * @monthly, @yearly and @annually stand for five fields.
 */
#ifndef LEAP_CRON_H
#define LEAP_CRON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRON_MAX_LENGTH 200

typedef struct Cron
{
	uint64_t minutes;   /* bit 0 to 59 */
	uint32_t hours;     /* bit 0 to 23 */
	uint32_t days;      /* bit 1 to 31 */
	uint32_t months;    /* bit 1 to 12 */
	uint32_t weekdays;  /* bit 0 = Sunday to 6 */
	bool every_day;     /* day of month begins with * */
	bool every_weekday; /* day of week begins with * */
} Cron;

/* Why an expression is refused: the rule it breaks, and what to do. */
typedef struct CronError
{
	char rule[160];
	const char *hint;
} CronError;

/* Reads an expression. False: it is refused, the error says why. */
bool cron_parse(const char *text, Cron *cron, CronError *error);

/*
 * Writes an expression with single blanks, names in capitals and without "@". Returns text,
 * cut off if size is less than CRON_MAX_LENGTH + 1.
 */
char *cron_write(const char *text, char *written, size_t size);

/* This time of day on these days (bit 0 = Sunday to 6). */
Cron cron_weekly(int hour, int minute, uint32_t weekdays);

/*
 * The first minute of the wall clock (minutes since 1970-01-01 00:00) that matches and is not
 * before this one. False: none in 400 years, after which the calendar repeats, so never.
 */
bool cron_next(const Cron *cron, int64_t minute, int64_t *next);

/* Whether it matches on this day (days since 1970-01-01). */
bool cron_matches_day(const Cron *cron, int64_t day);

/*
 * The fewest minutes between two consecutive matches on the wall clock, within so many days
 * from the first one. False: there are fewer than two matches.
 */
bool cron_least_gap(const Cron *cron, int64_t first_day, int days, int64_t *minutes);

#endif
