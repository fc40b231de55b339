/*
 * schedule_sql.c
 *	  Schedules as SQL functions.
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "calendar.h"
#include "errcodes.h"
#include "schedule_json.h"
#include "schedule_text.h"

PG_FUNCTION_INFO_V1(leap_check_schedule);
PG_FUNCTION_INFO_V1(leap_next_run);
PG_FUNCTION_INFO_V1(leap_next_runs);
PG_FUNCTION_INFO_V1(leap_least_interval);
PG_FUNCTION_INFO_V1(leap_schedule_text);

#define MAX_RUNS 100000 /* that leap.next_runs() gives at once */

/* Seconds between the two days from which the server and calendar.h count. */
#define EPOCH_DIFFERENCE \
	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

/* Seconds since 1970, rounded down: no run is within a second. */
static int64
instant_of(TimestampTz time)
{
	return calendar_floor_divide(time, USECS_PER_SEC) + EPOCH_DIFFERENCE;
}

/* The run after an instant. False: none, or none that the server can write. */
static bool
next_run(const WrittenSchedule *written, TimestampTz after, TimestampTz *next)
{
	int64 instant;

	if (TIMESTAMP_IS_NOEND(after))
		return false;
	if (TIMESTAMP_IS_NOBEGIN(after))
		ereport(ERROR, (errcode(ERRCODE_LEAP_INVALID_INPUT),
						errmsg("after is -infinity: no schedule has a first run"),
						errhint("Name a point in time.")));
	if (!schedule_next(&written->schedule, &written->zone, instant_of(after), &instant))
		return false;
	instant -= EPOCH_DIFFERENCE;
	if (instant >= END_TIMESTAMP / USECS_PER_SEC)
		return false;
	*next = instant * USECS_PER_SEC;
	return true;
}

/* leap.check_schedule(schedule jsonb) returns jsonb */
Datum
leap_check_schedule(PG_FUNCTION_ARGS)
{
	WrittenSchedule written;
	int64_t minute;

	schedule_read(PG_GETARG_JSONB_P(0), &written);
	if (written.schedule.kind == SCHEDULE_CRON &&
		!cron_next(&written.schedule.cron, 0, &minute))
		ereport(ERROR,
				(errcode(ERRCODE_LEAP_INVALID_INPUT),
				 errmsg("schedule field \"expression\" is \"%s\": such a day never comes",
						written.expression),
				 errhint("Day of month, month and day of week must meet in some year: "
						 "February has 29 days at most, April, June, September and "
						 "November have 30.")));
	PG_RETURN_JSONB_P(schedule_write(&written));
}

/* leap.next_run(schedule jsonb, after timestamptz) returns timestamptz */
Datum
leap_next_run(PG_FUNCTION_ARGS)
{
	WrittenSchedule written;
	TimestampTz next;

	schedule_read(PG_GETARG_JSONB_P(0), &written);
	if (!next_run(&written, PG_GETARG_TIMESTAMPTZ(1), &next))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(next);
}

/* Where a call of leap.next_runs() is. */
typedef struct Runs
{
	WrittenSchedule written;
	TimestampTz last;
} Runs;

static FuncCallContext *
start_runs(FunctionCallInfo fcinfo)
{
	FuncCallContext *context = SRF_FIRSTCALL_INIT();
	MemoryContext before = MemoryContextSwitchTo(context->multi_call_memory_ctx);
	Runs *runs = palloc0(sizeof *runs);
	int32 count = PG_GETARG_INT32(2);

	if (count < 0 || count > MAX_RUNS)
		ereport(ERROR, (errcode(ERRCODE_LEAP_INVALID_INPUT),
						errmsg("n is %d: 0 to %d runs can be asked for", count, MAX_RUNS),
						errhint("Ask again after the last one.")));
	schedule_read(PG_GETARG_JSONB_P(0), &runs->written);
	runs->last = PG_GETARG_TIMESTAMPTZ(1);
	context->user_fctx = runs;
	context->max_calls = (uint64) count;
	MemoryContextSwitchTo(before);
	return context;
}

/* leap.next_runs(schedule jsonb, after timestamptz, n int) returns setof timestamptz */
Datum
leap_next_runs(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	Runs *runs;

	if (SRF_IS_FIRSTCALL())
		start_runs(fcinfo);
	context = SRF_PERCALL_SETUP();
	runs = context->user_fctx;
	if (context->call_cntr >= context->max_calls ||
		!next_run(&runs->written, runs->last, &runs->last))
		SRF_RETURN_DONE(context);
	SRF_RETURN_NEXT(context, TimestampTzGetDatum(runs->last));
}

/* leap.least_interval(schedule jsonb, from_time timestamptz) returns interval */
Datum
leap_least_interval(PG_FUNCTION_ARGS)
{
	TimestampTz from = PG_GETARG_TIMESTAMPTZ(1);
	WrittenSchedule written;
	int64_t seconds;
	Interval *interval;

	schedule_read(PG_GETARG_JSONB_P(0), &written);
	if (TIMESTAMP_NOT_FINITE(from))
		ereport(ERROR, (errcode(ERRCODE_LEAP_INVALID_INPUT),
						errmsg("from_time is infinite: a year cannot begin there"),
						errhint("Name a point in time.")));
	if (!schedule_least_interval(&written.schedule, &written.zone, instant_of(from),
								 &seconds))
		PG_RETURN_NULL();
	interval = palloc0(sizeof *interval);
	interval->time = seconds * USECS_PER_SEC;
	PG_RETURN_INTERVAL_P(interval);
}

/* leap.schedule_text(schedule jsonb, language text) returns text */
Datum
leap_schedule_text(PG_FUNCTION_ARGS)
{
	WrittenSchedule written;
	StringInfoData words;

	schedule_read(PG_GETARG_JSONB_P(0), &written);
	initStringInfo(&words);
	schedule_tell(&written, text_to_cstring(PG_GETARG_TEXT_PP(1)), &words);
	PG_RETURN_TEXT_P(cstring_to_text(words.data));
}
