/* sources: ../extension/cron.c ../extension/cron_parse.c ../extension/calendar.c */
/*
 * tests/unit/test_cron.c
 *	  Cron expressions beside a matcher that walks over every minute, and what is refused.
 */
#include "../../extension/calendar.h"
#include "../../extension/cron.h"
#include "tap.h"

#define YEAR_MINUTES (366 * CALENDAR_DAY_MINUTES)

/* 2027-12-01 00:00: the year that follows has a 29th of February */
#define WALK_START (INT64_C(21153) * CALENDAR_DAY_MINUTES)

static Cron
parsed(const char *expression)
{
	Cron cron = {0};
	CronError error = {0};

	if (!cron_parse(expression, &cron, &error))
		ok(false, "%s is refused: %s", expression, error.rule);
	return cron;
}

/* The rule of cron, told again: every field, or one of the two days if both are restricted. */
static bool
matches(const Cron *cron, int64_t minute)
{
	int64_t day = calendar_floor_divide(minute, CALENDAR_DAY_MINUTES);
	int64_t time = minute - day * CALENDAR_DAY_MINUTES;
	CalendarDate date = calendar_date(day);
	bool day_of_month = (cron->days & 1U << date.day) != 0;
	bool day_of_week = (cron->weekdays & 1U << calendar_weekday(day)) != 0;

	if ((cron->minutes & UINT64_C(1) << time % 60) == 0 ||
		(cron->hours & 1U << time / 60) == 0 || (cron->months & 1U << date.month) == 0)
		return false;
	if (!cron->every_day && !cron->every_weekday)
		return day_of_month || day_of_week;
	return day_of_month && day_of_week;
}

static void
test_walk(void)
{
	static const char *const expressions[] = {
		"* * * * *",           "*/7 * * * *",    "59 23 31 12 *", "0 0 29 2 *",
		"15,45 */5 * * 1-5",   "0 8 1,15 * MON", "0 0 */2 * */3", "30 6 13 * 5",
		"5-59/25 3-4 * 2,4 *", "1 1 30 * *",     "0 1,22 * * *"};

	for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++)
	{
		Cron cron = parsed(expressions[i]);
		int64_t before = INT64_MIN;
		int64_t least = INT64_MAX;
		int64_t gap = INT64_MAX;
		int64_t next = WALK_START - 1;
		bool same = true;
		int matched = 0;

		for (int64_t minute = WALK_START; minute < WALK_START + YEAR_MINUTES; minute++)
		{
			if (!matches(&cron, minute))
				continue;
			same = same && cron_next(&cron, next + 1, &next) && next == minute;
			if (matched++ > 0 && minute - before < least)
				least = minute - before;
			before = minute;
		}
		ok(same && matched > 0, "%s: the %d minutes of a year", expressions[i], matched);
		(void) cron_least_gap(&cron, WALK_START / CALENDAR_DAY_MINUTES, 366, &gap);
		is_int(gap, least, "... and the shortest time between two");
	}
}

typedef struct BitsCase
{
	const char *expression;
	uint64_t minutes;
	uint32_t months;
	uint32_t weekdays;
	bool every_day;
	bool every_weekday;
} BitsCase;

static void
test_bits(void)
{
	static const BitsCase cases[] = {
		{"0 0 1 1 0",                     UINT64_C(1),                  0x0002, 0x01, false, false},
		{"59 0 * 12 7",                   UINT64_C(1) << 59,            0x1000, 0x01, true,  false},
		{"*/20 0 1 JAN-MAR SAT",          UINT64_C(0x0000010000100001), 0x000E, 0x40, false,
		 false																					},
		{"*/45 0 */2 1 SAT",              UINT64_C(0x0000200000000001), 0x0002, 0x40, true,  false},
		{"1-9/4,58 0 1 */5 5-7",          UINT64_C(0x0400000000000222), 0x0842, 0x61, false,
		 false																					},
		{"0 0 1 jan,Feb,DEC mon-wed,FRI", UINT64_C(1),                  0x1006, 0x2E, false, false},
		{"0 0 1 11-12 thu-SUN",           UINT64_C(1),                  0x1800, 0x71, false, false},
		{"0 0 1 02 0-7",                  UINT64_C(1),                  0x0004, 0x7F, false, false},
		{"0 0 1 *,3 */2",                 UINT64_C(1),                  0x1FFE, 0x55, false, true },
		{"0 0 1,* * *",                   UINT64_C(1),                  0x1FFE, 0x7F, false, true },
		{"@yearly",					   UINT64_C(1),                  0x0002, 0x7F, false, true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		Cron cron = parsed(cases[i].expression);

		ok(cron.minutes == cases[i].minutes && cron.months == cases[i].months &&
			   cron.weekdays == cases[i].weekdays &&
			   cron.every_day == cases[i].every_day &&
			   cron.every_weekday == cases[i].every_weekday,
		   "%s: minutes %llx, months %x, weekdays %x, every day %d, weekday %d",
		   cases[i].expression, (unsigned long long) cron.minutes, cron.months,
		   cron.weekdays, cron.every_day, cron.every_weekday);
	}
}

typedef struct Refused
{
	const char *expression;
	const char *rule;
} Refused;

static void
test_refused(void)
{
	static const Refused cases[] = {
		{"",											  "a cron expression has 5 fields, this has 0"       },
		{"* * * * * *",								   "a cron expression has 5 fields, this has 6"       },
		{"60 * * * *",									"minute \"60\" is not within 0-59"                 },
		{"* 24 * * *",									"hour \"24\" is not within 0-23"                   },
		{"* * 0 * *",									 "day of month \"0\" is not within 1-31"            },
		{"* * * 13 *",									"month \"13\" is not within 1-12"                  },
		{"* * * * 8",									 "day of week \"8\" is not within 0-7"              },
		{"* * * * MONDAY",
		 "day of week \"MONDAY\" is neither a number nor a name of three letters"                            },
		{"-5 * * * *",									"minute lacks a value"                             },
		{"5- * * * *",									"minute lacks a value"                             },
		{"1,,2 * * * *",								  "minute lacks a value"                             },
		{"1-2-3 * * * *",								 "minute \"2-3\" is not a number"                   },
		{"5/10 * * * *",								  "minute \"5/10\" has a step but no range"          },
		{"*/0 * * * *",								   "the step \"0\" of minute is not within 1-59"      },
		{"* */24 * * *",								  "the step \"24\" of hour is not within 1-23"       },
		{"*/1/2 * * * *",								 "the step \"1/2\" of minute is not within 1-59"    },
		{"30-5 * * * *",								  "minute \"30-5\" runs backwards"                   },
		{"* * * * 6-1",								   "day of week \"6-1\" runs backwards"               },
		{"@reboot",									   "there is no such name"                            },
		{"@daily * * * *",								"there is no such name"                            },
		{"999999999999999 * * * *",                       "minute \"999999999999999\" is not within 0-59"    },
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa * * * *",
		 "minute \"aaaaaaaaaaaaaaaaaaaa...\" is not a number"                                                },
		{"aпппппппппппп * * * *",             "minute \"aппппппппп...\" is not a number"},
	};
	char large[CRON_MAX_LENGTH + 2];
	Cron cron;
	CronError error = {0};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		bool read = cron_parse(cases[i].expression, &cron, &error);

		is_str(read ? "accepted" : error.rule, cases[i].rule, cases[i].expression);
		ok(!read && error.hint != NULL, "... with a hint");
	}
	memset(large, ' ', sizeof large);
	large[sizeof large - 1] = '\0';
	ok(!cron_parse(large, &cron, &error), "what is too long is refused: %s", error.rule);
}

static void
test_ends(void)
{
	Cron never = parsed("0 0 30 2 *");
	Cron leap = parsed("0 0 29 2 *");
	Cron leap_monday = parsed("0 0 29 2 */7");
	CalendarDate date = {2096, 3, 1};
	int64_t next = 0;
	char text[8];

	ok(!cron_next(&never, 0, &next), "the 30th of February never comes");
	ok(!cron_least_gap(&never, 0, 3660, &next), "... and has no shortest time");
	ok(cron_next(&leap, calendar_day(&date) * CALENDAR_DAY_MINUTES, &next),
	   "after 2096 there is a 29th of February");
	date = calendar_date(next / CALENDAR_DAY_MINUTES);
	is_int(date.year, 2104, "in 2104");
	date = (CalendarDate){2088, 3, 1};
	ok(cron_next(&leap_monday, calendar_day(&date) * CALENDAR_DAY_MINUTES, &next),
	   "and one on a Sunday");
	date = calendar_date(next / CALENDAR_DAY_MINUTES);
	is_int(date.year, 2128, "in 2128, 40 years after the last");
	is_str(cron_write(" */5\t* * jan fri", text, sizeof text), "*/5 * *",
		   "a short buffer is not overrun");
}

int
main(void)
{
	test_walk();
	test_bits();
	test_refused();
	test_ends();
	return done_testing();
}
