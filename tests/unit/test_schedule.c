/* sources: ../extension/schedule.c ../extension/cron.c ../extension/cron_parse.c ../extension/calendar.c */
/*
 * tests/unit/test_schedule.c
 *	  Runs in zones that were made up to be difficult, beside a clock that is watched second
 *	  by second: a run is due when it shows, for the first time, a matching minute or something
 *	  later.
 */
#include "../../extension/calendar.h"
#include "../../extension/schedule.h"
#include "tap.h"

#define HOUR            3600
#define DAY             CALENDAR_DAY_SECONDS
#define START           (INT64_C(20000) * DAY) /* 2024-10-04, a Friday */
#define DAYS            12
#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

/* The zone changes to the offset at an instant after START; a NULL name ends the list. */
typedef struct Change
{
	int64_t at;
	int64_t offset;
} Change;

typedef struct MadeUp
{
	const char *name;
	int64_t offset; /* before the first change */
	Change changes[5];
} MadeUp;

static const MadeUp zones[] = {
	{"no change",						 0,            {{0}}													  },
	{"an hour forward and back",
	 HOUR,											  {{5 * DAY + HOUR, 2 * HOUR}, {8 * DAY + HOUR, HOUR}}       },
	{"half an hour at midnight",
	 -10 * HOUR - 1800,
	 {{4 * DAY + 10 * HOUR + 1800, -10 * HOUR},
	  {7 * DAY + 10 * HOUR, -10 * HOUR - 1800}}																	},
	{"a day left out",                    -10 * HOUR,   {{5 * DAY + 10 * HOUR, 14 * HOUR}}                         },
	{"a day twice",					   12 * HOUR,    {{5 * DAY + 12 * HOUR, -12 * HOUR}}                        },
	{"odd seconds, then whole hours",     53 * 60 + 28, {{5 * DAY + 12345, HOUR}}                                  },
	{"odd seconds back",                  75 * 60 + 17, {{5 * DAY + 54321, HOUR}}                                  },
	{"forward and back within two hours",
	 0,												 {{5 * DAY + HOUR, HOUR},
	  {5 * DAY + 2 * HOUR, 0},
	  {5 * DAY + 2 * HOUR + 1800, HOUR}}																	},
	{"back twice",						2 * HOUR,     {{5 * DAY, HOUR}, {5 * DAY + HOUR, 0}, {6 * DAY, 2 * HOUR}}},
	{"a change that changes nothing",     HOUR,         {{5 * DAY, HOUR}, {6 * DAY, 2 * HOUR}}                     },
};

static const char *const expressions[] = {
	"* * * * *",       "30 2 * * *",  "0 0 * * *",      "*/20 * * * *", "15 */2 * * *",
	"0 2 * * SUN-TUE", "59 23 * * *", "45 1,2,3 * * *", "0 12 9 10 *",  "1 0 10,11 * *",
};

static ZoneSpan
made_up_span(const Zone *zone, int64_t instant)
{
	const MadeUp *made_up = zone->data;
	ZoneSpan span = {made_up->offset, INT64_MAX};

	for (size_t i = 0; i < lengthof(made_up->changes) && made_up->changes[i].at != 0; i++)
	{
		if (instant < START + made_up->changes[i].at)
		{
			span.end = START + made_up->changes[i].at;
			break;
		}
		span.offset = made_up->changes[i].offset;
	}
	return span;
}

static bool
matches(const Cron *cron, int64_t time)
{
	int64_t day = calendar_floor_divide(time, DAY);
	int64_t clock = time - day * DAY;

	return clock % 60 == 0 && cron_matches_day(cron, day) &&
		   (cron->hours >> (clock / HOUR) & 1) != 0 &&
		   (cron->minutes >> (clock / 60 % 60) & 1) != 0;
}

/* Whether the schedule names this run when it is asked at the run before, the second before
 * this one, and now and then between. */
static bool
is_named(const Schedule *schedule, const Zone *zone, int64_t last, int64_t run)
{
	int64_t next;

	for (int64_t after = last; after < run; after += 53 * 60 + 11)
		if (!schedule_next(schedule, zone, after, &next) || next != run)
			return false;
	return schedule_next(schedule, zone, run - 1, &next) && next == run;
}

/* Watches the clock, and compares every run it shows with the one the schedule names. */
static bool
watch(const Schedule *schedule, const Zone *zone, int *runs)
{
	int64_t shown = INT64_MIN;
	int64_t last = START - 1;
	bool agree = true;

	for (int64_t now = START - 3 * DAY; now < START + DAYS * DAY; now++)
	{
		int64_t time = now + zone->span(zone, now).offset;
		bool due = false;

		/* the first time it is looked at shows nothing new */
		for (int64_t newer = shown == INT64_MIN ? time : shown + 1; newer <= time;
			 newer++)
			due = matches(&schedule->cron, newer) || due;
		shown = time > shown ? time : shown;
		if (!due || now < START)
			continue;
		agree = agree && is_named(schedule, zone, last, now);
		last = now;
		(*runs)++;
	}
	return agree;
}

static void
test_zones(void)
{
	for (size_t z = 0; z < lengthof(zones); z++)
	{
		Zone zone = {.span = made_up_span, .data = &zones[z]};
		bool agree = true;
		int runs = 0;

		for (size_t i = 0; i < lengthof(expressions); i++)
		{
			Schedule schedule = {.kind = SCHEDULE_CRON};
			CronError error = {0};

			if (!cron_parse(expressions[i], &schedule.cron, &error) ||
				!watch(&schedule, &zone, &runs))
			{
				ok(false, "%s: %s", zones[z].name, expressions[i]);
				agree = false;
			}
		}
		ok(agree, "%s: %d runs as the clock shows them", zones[z].name, runs);
	}
}

static void
test_hours(void)
{
	Schedule schedule = {.kind = SCHEDULE_HOURS, .hours = 5, .anchor = START + 17};
	Zone zone = {.span = made_up_span, .data = &zones[1]};
	int64_t next = 0;

	(void) schedule_next(&schedule, &zone, START - 100 * DAY, &next);
	is_int(next, START + 17, "before the anchor the anchor is next");
	(void) schedule_next(&schedule, &zone, START + 16, &next);
	is_int(next, START + 17, "up to the second before it");
	(void) schedule_next(&schedule, &zone, START + 17, &next);
	is_int(next, START + 17 + 5 * HOUR, "then five hours later");
	(void) schedule_next(&schedule, &zone, START + 16 + 50 * HOUR, &next);
	is_int(next, START + 17 + 50 * HOUR, "and so on");
	ok(schedule_least_interval(&schedule, &zone, START, &next) && next == 5 * HOUR,
	   "five hours are the shortest interval");
}

static void
test_least_interval(void)
{
	Zone zone = {.span = made_up_span, .data = &zones[1]};
	Schedule schedule = {.kind = SCHEDULE_DAILY, .cron = cron_weekly(2, 30, 0x7F)};
	int64_t seconds = 0;

	ok(schedule_least_interval(&schedule, &zone, START, &seconds) && seconds == DAY,
	   "daily is a day where the clock is put forward, too");
	schedule.cron = cron_weekly(2, 30, 0x22);
	ok(schedule_least_interval(&schedule, &zone, START, &seconds) && seconds == 3 * DAY,
	   "Monday and Friday are three days apart");
}

int
main(void)
{
	test_zones();
	test_hours();
	test_least_interval();
	return done_testing();
}
