/*
 * quota_guard.c
 *	  The trigger that counts what users use and refuses what their limits do not allow.
 *
 * Concept: usage is a row per user, quota and period in leap.quota_usage. A statement that
 * adds or removes rows changes the usage of each owner by what it added, in the order of
 * user ids, with INSERT ... ON CONFLICT DO UPDATE: that takes the lock of the usage row
 * first and then sees the newest value, so two statements cannot both pass the last free
 * place, and two bulk statements cannot deadlock. The limit is read after the lock. What
 * reaches 80 or 100 percent of it is told, once a month, by leap.raise_quota_alerts().
 *
 * Trigger arguments: the quota, the SQL expression that gives the amount of the statement's
 * rows ("count(*)", "sum(bytes)"), and optionally "settle": what is counted has been done
 * already and was checked before it began, so it is not refused. Transition tables:
 * new_rows, old_rows.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/uuid.h"

#include "errcodes.h"
#include "quota_limit.h"

PG_FUNCTION_INFO_V1(leap_quota_guard);

#define ALERT_PERCENT 80

/* What the usage row says after a charge. */
typedef struct Usage
{
	int64 used;
	char *resets; /* the day on which it counts anew, NULL for what has no period */
} Usage;

static void
refuse(const Quota *quota, Datum user_id, int64 limit, const Usage *usage, int64 wanted)
{
	char limit_text[64];
	char used_text[64];
	char wanted_text[64];

	quota_amount(quota, limit, limit_text, sizeof limit_text);
	quota_amount(quota, usage->used - wanted, used_text, sizeof used_text);
	quota_amount(quota, wanted, wanted_text, sizeof wanted_text);
	ereport(
		ERROR,
		(errcode(ERRCODE_LEAP_QUOTA_EXCEEDED),
		 errmsg("quota %s exceeded: the limit is %s%s, %s used", quota->name, limit_text,
				usage->resets != NULL ? " a month" : "", used_text),
		 errdetail("User %s asked for %s more.",
				   DatumGetCString(DirectFunctionCall1(uuid_out, user_id)), wanted_text),
		 usage->resets != NULL
			 ? errhint("It counts anew on %s at 00:00 UTC. Wait until then, or ask an "
					   "administrator to raise the limit by plan or for this user.",
					   usage->resets)
			 : errhint("Delete what is not needed, or ask an administrator to raise "
					   "the limit by plan or for this user.")));
}

/* Gives back what the statement removed; a user who is gone has nothing to give back to. Of a
 * month there is never given back more than it has: what was counted at its beginning may
 * have been used in the one before. */
static void
give_back(const Quota *quota, Datum user_id, int64 amount)
{
	static const char *const query =
		"UPDATE leap.quota_usage"
		" SET used = CASE WHEN $4 THEN greatest(used + $3, 0) ELSE used + $3 END"
		" WHERE user_id = $1 AND quota = $2"
		" AND period = CASE WHEN $4 THEN leap.this_month() ELSE date 'epoch' END";
	static SPIPlanPtr plan;
	Oid types[4] = {UUIDOID, TEXTOID, INT8OID, BOOLOID};
	Datum values[4] = {user_id, CStringGetTextDatum(quota->name), Int64GetDatum(amount),
					   BoolGetDatum(quota->measure == QUOTA_MONTHLY)};

	if (quota_run_kept(&plan, query, 4, types, values) != SPI_OK_UPDATE)
		elog(ERROR, "quota_guard: cannot count usage");
}

/* Adds what the statement added for one user; returns the usage row. */
static Usage
add_usage(const Quota *quota, Datum user_id, int64 amount)
{
	static const char *const query =
		"INSERT INTO leap.quota_usage AS u (user_id, quota, period, used)"
		" VALUES ($1, $2, CASE WHEN $4 THEN leap.this_month() ELSE date 'epoch' END, $3)"
		" ON CONFLICT (user_id, quota, period)"
		" DO UPDATE SET used = u.used + $3"
		" RETURNING used, CASE WHEN $4"
		"  THEN to_char(period + interval '1 month', 'YYYY-MM-DD') END";
	static SPIPlanPtr plan;
	Oid types[4] = {UUIDOID, TEXTOID, INT8OID, BOOLOID};
	Datum values[4] = {user_id, CStringGetTextDatum(quota->name), Int64GetDatum(amount),
					   BoolGetDatum(quota->measure == QUOTA_MONTHLY)};
	bool is_null;
	Usage usage;

	if (quota_run_kept(&plan, query, 4, types, values) != SPI_OK_INSERT_RETURNING)
		elog(ERROR, "quota_guard: cannot count usage");
	usage.used = DatumGetInt64(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null));
	usage.resets = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2);
	return usage;
}

static void
raise_alerts(const Quota *quota, Datum user_id, int64 limit, int64 used)
{
	static const char *const query = "SELECT leap.raise_quota_alerts($1, $2, $3, $4)";
	static SPIPlanPtr plan;
	Oid types[4] = {UUIDOID, TEXTOID, INT8OID, INT8OID};
	Datum values[4] = {user_id, CStringGetTextDatum(quota->name), Int64GetDatum(used),
					   Int64GetDatum(limit)};

	if (quota_run_kept(&plan, query, 4, types, values) != SPI_OK_SELECT)
		elog(ERROR, "quota_guard: cannot raise an alert");
}

static void
charge_usage(const Quota *quota, Datum user_id, int64 amount, bool settle)
{
	Usage usage = add_usage(quota, user_id, amount);
	const char *source;
	int64 limit = quota_limit_of(user_id, quota, &source);

	if (!settle && !quota_fits(limit, usage.used, 0))
		refuse(quota, user_id, limit, &usage, amount);
	if (quota_percent(limit, usage.used) >= ALERT_PERCENT)
		raise_alerts(quota, user_id, limit, usage.used);
}

/* The query that sums the statement's rows by owner; monthly quotas count births only. */
static char *
amounts_query(const Quota *quota, const char *expression, TriggerEvent event)
{
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfoString(&query, "SELECT user_id, sum(amount)::bigint FROM (");
	if (!TRIGGER_FIRED_BY_DELETE(event))
		appendStringInfo(&query,
						 "SELECT user_id, (%s)::bigint AS amount FROM new_rows"
						 " GROUP BY user_id",
						 expression);
	if (TRIGGER_FIRED_BY_UPDATE(event))
		appendStringInfoString(&query, " UNION ALL ");
	if (!TRIGGER_FIRED_BY_INSERT(event))
		appendStringInfo(&query,
						 "SELECT user_id, -(%s)::bigint AS amount FROM old_rows"
						 " GROUP BY user_id",
						 expression);
	appendStringInfoString(
		&query, ") c GROUP BY user_id HAVING sum(amount) <> 0 ORDER BY user_id");
	return query.data;
}

static void
check_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) ||
		trigger->tg_trigger->tgnargs < 2 || trigger->tg_trigger->tgnargs > 3 ||
		(trigger->tg_trigger->tgnargs == 3 &&
		 strcmp(trigger->tg_trigger->tgargs[2], "settle") != 0))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("quota_guard must be an AFTER statement trigger with "
							   "arguments quota, amount expression and perhaps "
							   "settle")));
}

Datum
leap_quota_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	const Quota *quota;
	SPITupleTable *owners;
	uint64 owner_count;
	char *query;

	check_trigger(fcinfo);
	quota = quota_named(trigger->tg_trigger->tgargs[0]);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "quota_guard: SPI_connect failed");
	if (SPI_register_trigger_data(trigger) != SPI_OK_TD_REGISTER)
		elog(ERROR, "quota_guard: cannot see the changed rows");
	query = amounts_query(quota, trigger->tg_trigger->tgargs[1], trigger->tg_event);
	if (SPI_execute(query, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "quota_guard: cannot sum the changed rows");
	owners = SPI_tuptable;
	if (SPI_gettypeid(owners->tupdesc, 1) != UUIDOID)
		elog(ERROR, "quota_guard: user_id is no uuid");
	owner_count = SPI_processed;
	for (uint64 i = 0; i < owner_count; i++)
	{
		bool is_null;
		Datum user_id = SPI_getbinval(owners->vals[i], owners->tupdesc, 1, &is_null);
		Datum amount = SPI_getbinval(owners->vals[i], owners->tupdesc, 2, &is_null);

		if (DatumGetInt64(amount) > 0)
			charge_usage(quota, user_id, DatumGetInt64(amount),
						 trigger->tg_trigger->tgnargs == 3);
		else
			give_back(quota, user_id, DatumGetInt64(amount));
	}
	SPI_finish();
	return PointerGetDatum(NULL);
}
