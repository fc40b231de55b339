/*
 * calendar.c
 *	  Arithmetic of the calendar.
 *
 * Concept: years are counted from March, so that the day a leap year has more is the last of
 * its year, and in cycles of 400 years, which all have the same number of days.
 */
#include "calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CYCLE_DAYS   146097 /* days of 400 years */
#define CENTURY_DAYS 36524  /* of 100 years that do not end with a leap year */
#define FOUR_DAYS    1461   /* of four years with a leap year */
#define YEAR_DAYS    365
#define EPOCH_OFFSET 719468 /* days from 0000-03-01 to 1970-01-01 */

int64_t
calendar_floor_divide(int64_t number, int64_t divisor)
{
	int64_t quotient = number / divisor;

	return number % divisor < 0 ? quotient - 1 : quotient;
}

/* Days from the first of March to the first of a month that is so many months later. */
static int
days_before_month(int months)
{
	return (153 * months + 2) / 5;
}

int64_t
calendar_day(const CalendarDate *date)
{
	int64_t year = date->month > 2 ? date->year : date->year - 1;
	int64_t cycle = calendar_floor_divide(year, CALENDAR_CYCLE_YEARS);
	int64_t in_cycle = year - cycle * CALENDAR_CYCLE_YEARS;
	int months = (date->month + 9) % 12;

	return cycle * CYCLE_DAYS + in_cycle * YEAR_DAYS + in_cycle / 4 - in_cycle / 100 +
		   days_before_month(months) + date->day - 1 - EPOCH_OFFSET;
}

CalendarDate
calendar_date(int64_t day)
{
	int64_t cycle = calendar_floor_divide(day + EPOCH_OFFSET, CYCLE_DAYS);
	int64_t in_cycle = day + EPOCH_OFFSET - cycle * CYCLE_DAYS;
	int64_t year = (in_cycle - in_cycle / (FOUR_DAYS - 1) + in_cycle / CENTURY_DAYS -
					in_cycle / (CYCLE_DAYS - 1)) /
				   YEAR_DAYS;
	int in_year = (int) (in_cycle - (year * YEAR_DAYS + year / 4 - year / 100));
	int months = (5 * in_year + 2) / 153;
	CalendarDate date;

	date.day = in_year - days_before_month(months) + 1;
	date.month = months < 10 ? months + 3 : months - 9;
	date.year = cycle * CALENDAR_CYCLE_YEARS + year + (date.month <= 2 ? 1 : 0);
	return date;
}

static bool
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
calendar_month_days(int64_t year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

int
calendar_weekday(int64_t day)
{
	int64_t since_sunday = day + 4; /* 1970-01-01 was a Thursday */

	return (int) (since_sunday - calendar_floor_divide(since_sunday, 7) * 7);
}

/* Reads exactly so many digits and moves on; false if there are fewer. */
static bool
read_digits(const char **text, int count, int *number)
{
	*number = 0;
	for (int i = 0; i < count; i++, (*text)++)
	{
		if (**text < '0' || **text > '9')
			return false;
		*number = *number * 10 + (**text - '0');
	}
	return true;
}

/* Moves over one of these characters. */
static bool
read_one_of(const char **text, const char *accepted)
{
	if (**text == '\0' || strchr(accepted, **text) == NULL)
		return false;
	(*text)++;
	return true;
}

static bool
read_date(const char **text, int64_t *day)
{
	CalendarDate date = {0};
	int year;

	if (!read_digits(text, 4, &year) || !read_one_of(text, "-") ||
		!read_digits(text, 2, &date.month) || !read_one_of(text, "-") ||
		!read_digits(text, 2, &date.day))
		return false;
	date.year = year;
	if (year < 1 || date.month < 1 || date.month > 12 || date.day < 1 ||
		date.day > calendar_month_days(year, date.month))
		return false;
	*day = calendar_day(&date);
	return true;
}

static bool
read_clock(const char **text, int *seconds)
{
	int hour;
	int minute;
	int second = 0;

	if (!read_digits(text, 2, &hour) || !read_one_of(text, ":") ||
		!read_digits(text, 2, &minute))
		return false;
	if (read_one_of(text, ":"))
	{
		int digit;

		if (!read_digits(text, 2, &second))
			return false;
		if (read_one_of(text, "."))
			while (read_digits(text, 1, &digit))
				continue;
	}
	*seconds = hour * 3600 + minute * 60 + second;
	return hour <= 23 && minute <= 59 && second <= 59;
}

/* Seconds east of UTC. */
static bool
read_offset(const char **text, int *offset)
{
	bool west = **text == '-';
	int hours;
	int minutes = 0;

	*offset = 0;
	if (**text == '\0' || read_one_of(text, "Zz"))
		return true;
	if (!read_one_of(text, "+-") || !read_digits(text, 2, &hours))
		return false;
	if (**text != '\0')
	{
		(void) read_one_of(text, ":");
		if (!read_digits(text, 2, &minutes))
			return false;
	}
	*offset = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
	return hours <= 15 && minutes <= 59;
}

bool
calendar_read_time(const char *text, int64_t *seconds)
{
	int64_t day;
	int clock;
	int offset;

	if (!read_date(&text, &day) || !read_one_of(&text, "Tt ") ||
		!read_clock(&text, &clock) || !read_offset(&text, &offset) || *text != '\0')
		return false;
	*seconds = day * CALENDAR_DAY_SECONDS + clock - offset;
	return true;
}

char *
calendar_write_time(int64_t seconds, char *text, size_t size)
{
	int64_t day = calendar_floor_divide(seconds, CALENDAR_DAY_SECONDS);
	CalendarDate date = calendar_date(day);
	int clock = (int) (seconds - day * CALENDAR_DAY_SECONDS);

	(void) snprintf(text, size, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02dZ", date.year,
					date.month, date.day, clock / 3600, clock / 60 % 60, clock % 60);
	return text;
}
