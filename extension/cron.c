/*
 * cron.c
 *	  When a cron expression matches.
 *
 * Concept: a set of bits for each field. The times of a day are the same on each day that
 * matches, so a search looks for a time in the day at hand and otherwise for the next day;
 * months that do not match are passed over whole. Nothing walks over minutes.
 */
#include "cron.h"

#include "calendar.h"

#define DAY_MINUTES CALENDAR_DAY_MINUTES

/* The time of day of the first match at or after a time of day, in minutes; -1: none. */
static int
time_from(const Cron *cron, int from)
{
	int hour = from / 60;
	uint64_t minutes = cron->minutes >> (from % 60);
	uint32_t later;

	if (hour > 23)
		return -1;
	if ((cron->hours >> hour & 1) != 0 && minutes != 0)
		return from + __builtin_ctzll(minutes);
	later = cron->hours >> hour >> 1;
	if (later == 0)
		return -1;
	return (hour + 1 + __builtin_ctz(later)) * 60 + __builtin_ctzll(cron->minutes);
}

static int
last_time(const Cron *cron)
{
	return (31 - __builtin_clz(cron->hours)) * 60 + 63 - __builtin_clzll(cron->minutes);
}

static bool
matches_date(const Cron *cron, const CalendarDate *date, int weekday)
{
	bool by_day = (cron->days >> date->day & 1) != 0;
	bool by_weekday = (cron->weekdays >> weekday & 1) != 0;

	if ((cron->months >> date->month & 1) == 0)
		return false;
	if (cron->every_day || cron->every_weekday)
		return by_day && by_weekday;
	return by_day || by_weekday;
}

bool
cron_matches_day(const Cron *cron, int64_t day)
{
	CalendarDate date = calendar_date(day);

	return matches_date(cron, &date, calendar_weekday(day));
}

/* The first matching day from this one to the end of its month. */
static bool
find_in_month(const Cron *cron, CalendarDate date, int64_t *found)
{
	int days = calendar_month_days(date.year, date.month);
	int64_t day;

	if ((cron->months >> date.month & 1) == 0)
		return false;
	day = calendar_day(&date);
	for (int weekday = calendar_weekday(day); date.day <= days;
		 date.day++, day++, weekday = (weekday + 1) % 7)
		if (matches_date(cron, &date, weekday))
		{
			*found = day;
			return true;
		}
	return false;
}

/* The first matching day that is not before this one. */
static bool
find_day(const Cron *cron, int64_t day, int64_t *found)
{
	CalendarDate date = calendar_date(day);
	int64_t last_year = date.year + CALENDAR_CYCLE_YEARS;

	while (date.year <= last_year)
	{
		if (find_in_month(cron, date, found))
			return true;
		date.day = 1;
		date.year += date.month == 12 ? 1 : 0;
		date.month = date.month % 12 + 1;
	}
	return false;
}

bool
cron_next(const Cron *cron, int64_t minute, int64_t *next)
{
	int64_t day = calendar_floor_divide(minute, DAY_MINUTES);
	int time = time_from(cron, (int) (minute - day * DAY_MINUTES));

	if (time < 0 || !cron_matches_day(cron, day))
	{
		if (!find_day(cron, day + 1, &day))
			return false;
		time = time_from(cron, 0);
	}
	*next = day * DAY_MINUTES + time;
	return true;
}

Cron
cron_weekly(int hour, int minute, uint32_t weekdays)
{
	Cron cron = {
		.minutes = UINT64_C(1) << minute,
		.hours = UINT32_C(1) << hour,
		.days = UINT32_C(0xFFFFFFFE),
		.months = 0x1FFE,
		.weekdays = weekdays,
		.every_day = true,
	};

	return cron;
}

/* The fewest minutes between two times of one day; a whole day if there is but one. */
static int64_t
least_gap_in_day(const Cron *cron)
{
	int64_t least = DAY_MINUTES;
	int before = time_from(cron, 0);

	for (int time = time_from(cron, before + 1); time >= 0;
		 time = time_from(cron, time + 1))
	{
		least = time - before < least ? time - before : least;
		before = time;
	}
	return least;
}

bool
cron_least_gap(const Cron *cron, int64_t first_day, int days, int64_t *minutes)
{
	int64_t in_day = least_gap_in_day(cron);
	int64_t over_night = time_from(cron, 0) - last_time(cron);
	int64_t before = 0;
	int seen = 0;

	*minutes = INT64_MAX;
	for (int64_t day = first_day; day < first_day + days; day++)
	{
		int64_t gap = (day - before) * DAY_MINUTES + over_night;

		if (!cron_matches_day(cron, day))
			continue;
		if (in_day < DAY_MINUTES && in_day < *minutes)
			*minutes = in_day;
		if (seen++ > 0 && gap < *minutes)
			*minutes = gap;
		before = day;
	}
	return *minutes != INT64_MAX;
}
