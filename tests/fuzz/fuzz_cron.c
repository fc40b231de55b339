/* sources: ../extension/cron.c ../extension/cron_parse.c ../extension/calendar.c */
/*
 * tests/fuzz/fuzz_cron.c
 *	  Whatever the text: it is refused with a rule and a hint, or it names minutes that the
 *	  search finds in order and that match each field.
 */
#include "../../extension/calendar.h"
#include "../../extension/cron.h"
#include "driver.h"

const char *const fuzz_samples[] = {"* * * * *",
									"*/15 8-18/2 1,15 JAN-MAR,dec MON-FRI",
									"0 0 29 2 *",
									"5-59/25 */11 */2 * fri-sun",
									"59 23 31 12 7",
									"0 0 13 * FRI",
									"@daily",
									"  @annually ",
									"0-10,20-30/5,59\t22-23,0-5 * 1-12/3 0,6",
									NULL};

static bool
matches(const Cron *cron, int64_t minute)
{
	int64_t day = calendar_floor_divide(minute, CALENDAR_DAY_MINUTES);
	int time = (int) (minute - day * CALENDAR_DAY_MINUTES);

	return cron_matches_day(cron, day) && (cron->hours >> (time / 60) & 1) != 0 &&
		   (cron->minutes >> (time % 60) & 1) != 0;
}

static void
check_runs(const Cron *cron, int64_t minute)
{
	for (int i = 0; i < 3; i++)
	{
		int64_t next;

		if (!cron_next(cron, minute, &next))
			return;
		fuzz_check(next >= minute, "the next minute is not before the one asked for");
		fuzz_check(matches(cron, next), "the next minute matches");
		for (int64_t between = minute; between < next && between < minute + 90; between++)
			fuzz_check(!matches(cron, between), "no minute before the next one matches");
		minute = next + 1;
	}
}

static void
check_written(const char *text, const Cron *cron)
{
	char written[CRON_MAX_LENGTH + 1];
	Cron again;
	CronError error = {0};

	cron_write(text, written, sizeof written);
	fuzz_check(cron_parse(written, &again, &error), "what is written can be read");
	fuzz_check(again.minutes == cron->minutes && again.hours == cron->hours &&
				   again.days == cron->days && again.months == cron->months &&
				   again.weekdays == cron->weekdays &&
				   again.every_day == cron->every_day &&
				   again.every_weekday == cron->every_weekday,
			   "what is written means the same");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	Cron cron = {0};
	CronError error = {0};

	if (cron_parse(text, &cron, &error))
	{
		int64_t gap;

		fuzz_check(cron.minutes != 0 && cron.minutes >> 60 == 0 && cron.hours != 0 &&
					   cron.hours >> 24 == 0 && cron.days != 0 && (cron.days & 1) == 0 &&
					   cron.months != 0 && (cron.months & ~0x1FFEU) == 0 &&
					   cron.weekdays != 0 && cron.weekdays >> 7 == 0,
				   "each field has a value, and only values of its own");
		check_written(text, &cron);
		check_runs(&cron, INT64_C(29760000) + (int64_t) size * 1009);
		fuzz_check(!cron_least_gap(&cron, 20000, 366, &gap) || gap > 0,
				   "two runs are not at the same time");
	}
	else
		fuzz_check(error.hint != NULL && *error.rule != '\0', "a refusal says why");
	free(text);
	return 0;
}
