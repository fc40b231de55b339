/* sources: ../extension/calendar.c */
/*
 * tests/unit/test_calendar.c
 *	  Days, dates and weekdays over four centuries and around year zero, and times as text.
 */
#include "../../extension/calendar.h"
#include "tap.h"

/* A day by day walk that knows nothing but the lengths of months. */
static void
test_walk(void)
{
	CalendarDate walked = {-401, 3, 1};
	int64_t first = calendar_day(&walked);
	int weekday = calendar_weekday(first);
	bool agree = true;
	int64_t day;

	for (day = first; walked.year < 2801; day++)
	{
		CalendarDate date = calendar_date(day);

		agree = agree && date.year == walked.year && date.month == walked.month &&
				date.day == walked.day && calendar_day(&walked) == day &&
				calendar_weekday(day) == weekday;
		weekday = (weekday + 1) % 7;
		if (++walked.day > calendar_month_days(walked.year, walked.month))
		{
			walked.day = 1;
			walked.year += walked.month == 12 ? 1 : 0;
			walked.month = walked.month % 12 + 1;
		}
	}
	ok(agree, "3202 years day by day: day, date and weekday agree");
	is_int(day - first, 8 * 146097 + 366 + 306, "they have as many days as they should");
}

static void
test_known_days(void)
{
	CalendarDate epoch = {1970, 1, 1};
	CalendarDate leap = {2000, 2, 29};

	is_int(calendar_day(&epoch), 0, "1970-01-01 is day 0");
	is_int(calendar_weekday(0), 4, "a Thursday");
	is_int(calendar_day(&leap), 11016, "2000-02-29");
	is_int(calendar_weekday(11016), 2, "a Tuesday");
	is_int(calendar_month_days(1900, 2), 28, "1900 was no leap year");
	is_int(calendar_month_days(2000, 2), 29, "2000 was one");
	is_int(calendar_floor_divide(-1, 60), -1, "division rounds towards the past");
	is_int(calendar_floor_divide(-60, 60), -1, "also where nothing is left");
}

typedef struct TimeCase
{
	const char *text;
	const char *written; /* NULL: refused */
} TimeCase;

static void
test_times(void)
{
	static const TimeCase cases[] = {
		{"1970-01-01T00:00:00Z",          "1970-01-01T00:00:00Z"},
		{"2026-11-23 09:00",              "2026-11-23T09:00:00Z"},
		{"2026-11-23T09:00:59.999999+01", "2026-11-23T08:00:59Z"},
		{"2026-11-23t09:00:00.5z",        "2026-11-23T09:00:00Z"},
		{"2026-01-01T00:30:00+05:45",     "2025-12-31T18:45:00Z"},
		{"2026-12-31T20:00-0330",         "2026-12-31T23:30:00Z"},
		{"0001-01-01T00:00:00Z",          "0001-01-01T00:00:00Z"},
		{"2024-02-29T23:59:59-00:00",     "2024-02-29T23:59:59Z"},
		{"2026-02-29T00:00:00Z",          NULL                  },
		{"2026-13-01T00:00:00Z",          NULL                  },
		{"2026-00-01T00:00:00Z",          NULL                  },
		{"2026-01-00T00:00:00Z",          NULL                  },
		{"0000-01-01T00:00:00Z",          NULL                  },
		{"2026-01-01T24:00:00Z",          NULL                  },
		{"2026-01-01T00:60:00Z",          NULL                  },
		{"2026-01-01T00:00:60Z",          NULL                  },
		{"2026-01-01T00:00:00+16:00",     NULL                  },
		{"2026-01-01T00:00:00+01:60",     NULL                  },
		{"2026-01-01T00:00:00+1",         NULL                  },
		{"2026-01-01T00:00:00Z ",         NULL                  },
		{" 2026-01-01T00:00:00Z",         NULL                  },
		{"2026-01-01",                    NULL                  },
		{"2026-1-1T00:00:00Z",            NULL                  },
		{"now",						   NULL                  },
		{"",							  NULL				  },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		int64_t seconds = 0;
		char text[32];
		bool read = calendar_read_time(cases[i].text, &seconds);

		if (cases[i].written == NULL)
			ok(!read, "refused: \"%s\"", cases[i].text);
		else
			is_str(read ? calendar_write_time(seconds, text, sizeof text) : "refused",
				   cases[i].written, cases[i].text);
	}
}

int
main(void)
{
	test_walk();
	test_known_days();
	test_times();
	return done_testing();
}
