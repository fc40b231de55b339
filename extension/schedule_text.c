/*
 * schedule_text.c
 *	  Says when a schedule runs, in the languages of the product.
 *
 * Concept: a sentence is days, times, months and zone, each left out where it says nothing.
 * A language is a row of words; the grammar that differs (the form of a noun after a number)
 * is data as well. Lists of numbers are written with ranges: 8–18.
 */
#include "schedule_text.h"

#include "port/pg_bitutils.h"

#include "calendar.h"

#define MOST_TIMES 6 /* of a day that are listed one by one */

#define ALL_HOURS  UINT64CONST(0xFFFFFF)
#define ALL_DAYS   UINT64CONST(0xFFFFFFFE)
#define ALL_MONTHS UINT64CONST(0x1FFE)
#define ALL_WEEK   UINT64CONST(0x7F)

/* "every hour", "every 2 hours", and where a language has it another form for 5 and more */
typedef struct Every
{
	const char *one;      /* the whole phrase for 1 */
	const char *like_one; /* before 21, 31, ... and behind it */
	const char *noun_one;
	const char *like_many; /* before all others */
	const char *noun_few;  /* behind 2 to 4, 22 to 24, ... */
	const char *noun_many;
} Every;

typedef struct Language
{
	const char *code;
	const char *list_end; /* before the last of a list */
	const char *day;
	const char *at;
	const char *of_hours;
	const char *hourly;
	const char *on_weekdays;
	const char *before_days; /* of a month */
	const char *after_days;
	const char *or_else;
	const char *only;
	const char *in_months;
	const char *since;
	Every hours;
	Every minutes;
	const char *weekdays[7]; /* from Sunday */
	const char *months[12];
} Language;

static const Language languages[] = {
	{
     .code = "en",
     .list_end = " and ",
     .day = "every day",
     .at = "at ",
     .of_hours = " of the hours ",
     .hourly = "every hour at ",
     .on_weekdays = "on ",
     .before_days = "on day ",
     .after_days = " of the month",
     .or_else = " or ",
     .only = ", only ",
     .in_months = " in ",
     .since = " from ",
     .hours = {"every hour", "every ", " hours", "every ", " hours", " hours"},
     .minutes = {"every minute", "every ", " minutes", "every ", " minutes",
					" minutes"},
     .weekdays = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
					 "Saturday"},
     .months = {"January", "February", "March", "April", "May", "June", "July",
				   "August", "September", "October", "November", "December"},
	 },
	{
     .code = "ru",
     .list_end = " и ",
     .day = "каждый день",
     .at = "в ",
     .of_hours = " в часы ",
     .hourly = "каждый час в ",
     .on_weekdays = "по ",
     .before_days = "",
     .after_days = " числа",
     .or_else = " или ",
     .only = ", только ",
     .in_months = " в ",
     .since = " начиная с ",
     .hours = {"каждый час", "каждый ", " час", "каждые ", " часа", " часов"},
     .minutes = {"каждую минуту", "каждую ", " минуту", "каждые ", " минуты",
					" минут"},
     .weekdays = {"воскресеньям", "понедельникам", "вторникам", "средам", "четвергам",
					 "пятницам", "субботам"},
     .months = {"январе", "феврале", "марте", "апреле", "мае", "июне", "июле",
				   "августе", "сентябре", "октябре", "ноябре", "декабре"},
	 },
};

static const Language *
find_language(const char *code)
{
	for (size_t i = 0; i < lengthof(languages); i++)
		if (strcmp(languages[i].code, code) == 0)
			return &languages[i];
	return &languages[0];
}

static void
tell_every(const Every *every, int number, StringInfo text)
{
	bool teen = number % 100 / 10 == 1;
	bool like_one = !teen && number % 10 == 1;
	bool few = !teen && number % 10 >= 2 && number % 10 <= 4;

	if (number == 1)
		appendStringInfoString(text, every->one);
	else if (like_one)
		appendStringInfo(text, "%s%d%s", every->like_one, number, every->noun_one);
	else
		appendStringInfo(text, "%s%d%s", every->like_many, number,
						 few ? every->noun_few : every->noun_many);
}

/* What stands before an item of a list, given how many follow it. */
static void
tell_separator(const Language *language, bool first, int following, StringInfo text)
{
	if (!first)
		appendStringInfoString(text, following == 0 ? language->list_end : ", ");
}

static int
count_runs(uint64 bits)
{
	return pg_popcount64(bits & ~(bits << 1));
}

/* The numbers of the bits with a mark before each and so many digits, neighbours as ranges. */
static void
tell_numbers(const Language *language, uint64 bits, const char *mark, int width,
			 StringInfo text)
{
	bool first = true;

	while (bits != 0)
	{
		int low = pg_rightmost_one_pos64(bits);
		int high = low;

		while (high < 63 && (bits >> (high + 1) & 1) != 0)
			bits &= ~(UINT64CONST(1) << high++);
		bits &= ~(UINT64CONST(1) << high);
		tell_separator(language, first, count_runs(bits), text);
		appendStringInfo(text, "%s%0*d", mark, width, low);
		if (low != high)
			appendStringInfo(text, "–%s%0*d", mark, width, high);
		first = false;
	}
}

/* The names of the bits; the first name is that of the bit called base. */
static void
tell_names(const Language *language, uint64 bits, int base, const char *const *names,
		   StringInfo text)
{
	bool first = true;

	for (; bits != 0; bits &= bits - 1)
	{
		tell_separator(language, first, pg_popcount64(bits & (bits - 1)), text);
		appendStringInfoString(text, names[pg_rightmost_one_pos64(bits) - base]);
		first = false;
	}
}

/* Weekdays from Monday on. */
static void
tell_weekdays(const Language *language, uint32_t weekdays, StringInfo text)
{
	const char *names[7];

	for (int i = 0; i < 7; i++)
		names[i] = language->weekdays[(i + 1) % 7];
	appendStringInfoString(text, language->on_weekdays);
	tell_names(language, weekdays >> 1 | (weekdays & 1) << 6, 0, names, text);
}

static void
tell_days_of_month(const Language *language, uint32_t days, StringInfo text)
{
	appendStringInfoString(text, language->before_days);
	tell_numbers(language, days, "", 1, text);
	appendStringInfoString(text, language->after_days);
}

/* How many minutes part the minutes of an hour, if it is always as many; else 0. */
static int
minute_step(uint64 minutes)
{
	int count = pg_popcount64(minutes);
	int step = 60 / count;

	for (int minute = 0; minute < 60; minute += step)
		if ((minutes >> minute & 1) == 0)
			return 0;
	return count * step == 60 && count > 1 ? step : 0;
}

static void
tell_times(const Language *language, const Cron *cron, StringInfo text)
{
	int following = pg_popcount64(cron->minutes) * pg_popcount64(cron->hours);
	bool first = true;

	appendStringInfoString(text, language->at);
	for (int hour = 0; hour < 24; hour++)
		for (uint64 minutes = cron->hours >> hour & 1 ? cron->minutes : 0; minutes != 0;
			 minutes &= minutes - 1)
		{
			tell_separator(language, first, --following, text);
			appendStringInfo(text, "%02d:%02d", hour, pg_rightmost_one_pos64(minutes));
			first = false;
		}
}

static bool
are_listed(const Cron *cron)
{
	return pg_popcount64(cron->minutes) * pg_popcount64(cron->hours) <= MOST_TIMES;
}

/* The times of a day. */
static void
tell_clock(const Language *language, const Cron *cron, StringInfo text)
{
	int step = minute_step(cron->minutes);

	if (are_listed(cron))
	{
		tell_times(language, cron, text);
		return;
	}
	if (step > 0)
		tell_every(&language->minutes, step, text);
	else
	{
		appendStringInfoString(text, cron->hours == ALL_HOURS ? language->hourly
															  : language->at);
		tell_numbers(language, cron->minutes, ":", 2, text);
	}
	if (cron->hours != ALL_HOURS)
	{
		appendStringInfoString(text, language->of_hours);
		tell_numbers(language, cron->hours, "", 1, text);
	}
}

/* The days, ended by a blank; every day goes without saying if the times say "every". */
static void
tell_days(const Language *language, const Cron *cron, StringInfo text)
{
	bool some_weekdays = cron->weekdays != ALL_WEEK;
	bool some_days = cron->days != ALL_DAYS;
	bool both = cron->every_day || cron->every_weekday;

	if (!some_weekdays && !some_days)
	{
		if (cron->hours == ALL_HOURS ||
			(!are_listed(cron) && minute_step(cron->minutes) > 0))
			return;
		appendStringInfoString(text, language->day);
	}
	/* of two of which one is enough, one that names every day decides alone */
	else if (!both && (!some_weekdays || !some_days))
		appendStringInfoString(text, language->day);
	else
	{
		if (some_weekdays)
			tell_weekdays(language, cron->weekdays, text);
		if (some_weekdays && some_days)
			appendStringInfoString(text, both ? language->only : language->or_else);
		if (some_days)
			tell_days_of_month(language, cron->days, text);
	}
	appendStringInfoChar(text, ' ');
}

static void
tell_hours(const Language *language, const WrittenSchedule *written, StringInfo text)
{
	char anchor[32];

	tell_every(&language->hours, written->schedule.hours, text);
	if (written->anchored)
		appendStringInfo(
			text, "%s%s", language->since,
			calendar_write_time(written->schedule.anchor, anchor, sizeof anchor));
}

void
schedule_tell(const WrittenSchedule *written, const char *language, StringInfo text)
{
	const Language *words = find_language(language);
	const Cron *cron = &written->schedule.cron;

	if (written->schedule.kind == SCHEDULE_HOURS)
	{
		tell_hours(words, written, text);
		return;
	}
	tell_days(words, cron, text);
	tell_clock(words, cron, text);
	if (cron->months != ALL_MONTHS)
	{
		appendStringInfoString(text, words->in_months);
		tell_names(words, cron->months, 1, words->months, text);
	}
	appendStringInfo(text, " (%s)", written->zone_name);
}
