/*
 * quota_guard.c
 *	  The trigger that counts what users use and refuses what their limits do not allow.
 *
 * Concept: usage is a row per user, quota and period in leap.quota_usage. A statement that
 * adds or removes rows changes the usage of each owner by what it added, in the order of
 * user ids, with INSERT ... ON CONFLICT DO UPDATE: that takes the lock of the usage row
 * first and then sees the newest value, so two statements cannot both pass the last free
 * place, and two bulk statements cannot deadlock. The limit is read after the lock.
 *
 * Trigger arguments: the quota, and the SQL expression that gives the amount of the
 * statement's rows ("count(*)", "sum(bytes)"). Transition tables: new_rows, old_rows.
 */
#include "postgres.h"

#include <inttypes.h>

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/uuid.h"

#include "errcodes.h"
#include "quota.h"

PG_FUNCTION_INFO_V1(leap_quota_guard);
PG_FUNCTION_INFO_V1(leap_quota_limit);

#define BYTES_PER_MB INT64CONST(1048576)

/* The default of the installation; settings count storage in MB. */
static int64
default_limit(const Quota *quota)
{
	int64 value = strtoll(GetConfigOption(quota->setting, false, false), NULL, 10);

	if (value < 0)
		return QUOTA_UNLIMITED;
	return strcmp(quota->unit, "bytes") == 0 ? value * BYTES_PER_MB : value;
}

/*
 * Runs a statement whose plan is kept for the life of the backend: claims read limits all
 * the time, and planning would cost more than reading.
 */
static int
run_kept(SPIPlanPtr *plan, const char *query, int count, Oid *types, Datum *values)
{
	if (*plan == NULL)
	{
		SPIPlanPtr prepared = SPI_prepare(query, count, types);

		if (prepared == NULL || SPI_keepplan(prepared) != 0)
			elog(ERROR, "quota_guard: cannot prepare: %s", query);
		*plan = prepared;
	}
	return SPI_execute_plan(*plan, values, NULL, false, 0);
}

/* Fills a layer from two columns of the current SPI row: is it set, and to what. */
static QuotaLayer
layer_of(int column)
{
	HeapTuple row = SPI_tuptable->vals[0];
	TupleDesc description = SPI_tuptable->tupdesc;
	bool is_null;
	QuotaLayer layer = {false, QUOTA_UNLIMITED};
	Datum set = SPI_getbinval(row, description, column, &is_null);

	layer.set = !is_null && DatumGetBool(set);
	if (layer.set)
	{
		Datum limit = SPI_getbinval(row, description, column + 1, &is_null);

		layer.limit = is_null ? QUOTA_UNLIMITED : DatumGetInt64(limit);
	}
	return layer;
}

/* The limit of a user, the caller being connected to SPI. */
static int64
limit_of(Datum user_id, const Quota *quota)
{
	static const char *const query =
		"SELECT s.custom_limits ? $2, (s.custom_limits->>$2)::bigint,"
		" p.limits ? $2, (p.limits->>$2)::bigint"
		" FROM leap.user_subscriptions s LEFT JOIN leap.subscription_plans p"
		" ON p.id = s.plan_id"
		" WHERE s.user_id = $1"
		" AND (s.expires_at IS NULL OR s.expires_at > pg_catalog.now())";
	QuotaLayer layers[3] = {
		{false, QUOTA_UNLIMITED},
		{false, QUOTA_UNLIMITED},
		{true,  QUOTA_UNLIMITED},
	};
	static SPIPlanPtr plan;
	Oid types[2] = {UUIDOID, TEXTOID};
	Datum values[2] = {user_id, CStringGetTextDatum(quota->name)};

	if (run_kept(&plan, query, 2, types, values) != SPI_OK_SELECT)
		elog(ERROR, "quota_guard: cannot read the subscription");
	if (SPI_processed > 0)
	{
		layers[0] = layer_of(1);
		layers[1] = layer_of(3);
	}
	layers[2].limit = default_limit(quota);
	return quota_effective(layers, lengthof(layers));
}

static const Quota *
named_quota(const char *name)
{
	const Quota *quota = quota_find(name);

	if (quota == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there is no quota \"%s\"", name),
						errhint("SELECT quota FROM leap.quotas() lists them.")));
	return quota;
}

/* leap.quota_limit(user_id uuid, quota text) returns bigint: null = unlimited */
Datum
leap_quota_limit(PG_FUNCTION_ARGS)
{
	const Quota *quota = named_quota(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	int64 limit;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "quota_limit: SPI_connect failed");
	limit = limit_of(PG_GETARG_DATUM(0), quota);
	SPI_finish();
	if (limit == QUOTA_UNLIMITED)
		PG_RETURN_NULL();
	PG_RETURN_INT64(limit);
}

static void
refuse(const Quota *quota, Datum user_id, int64 limit, int64 used, int64 wanted)
{
	char limit_text[64];
	char used_text[64];
	char wanted_text[64];

	quota_amount(quota, limit, limit_text, sizeof limit_text);
	quota_amount(quota, used - wanted, used_text, sizeof used_text);
	quota_amount(quota, wanted, wanted_text, sizeof wanted_text);
	ereport(
		ERROR,
		(errcode(ERRCODE_LEAP_QUOTA_EXCEEDED),
		 errmsg("quota %s exceeded: the limit is %s", quota->name, limit_text),
		 errdetail("User %s uses %s and asked for %s more.",
				   DatumGetCString(DirectFunctionCall1(uuid_out, user_id)), used_text,
				   wanted_text),
		 quota->monthly
			 ? errhint("It counts anew on the first of next month (UTC). An "
					   "administrator can raise it by plan or for this user.")
			 : errhint("Delete what is not needed, or ask an administrator to raise it "
					   "by plan or for this user.")));
}

/* Gives back what the statement removed; a user who is gone has nothing to give back to. */
static void
give_back(const Quota *quota, Datum user_id, int64 amount)
{
	static const char *const query =
		"UPDATE leap.quota_usage SET used = used + $3"
		" WHERE user_id = $1 AND quota = $2 AND period = date 'epoch'";
	static SPIPlanPtr plan;
	Oid types[3] = {UUIDOID, TEXTOID, INT8OID};
	Datum values[3] = {user_id, CStringGetTextDatum(quota->name), Int64GetDatum(amount)};

	if (run_kept(&plan, query, 3, types, values) != SPI_OK_UPDATE)
		elog(ERROR, "quota_guard: cannot count usage");
}

/* Adds what the statement added for one user and checks the limit. */
static void
charge_usage(const Quota *quota, Datum user_id, int64 amount)
{
	static const char *const query =
		"INSERT INTO leap.quota_usage AS u (user_id, quota, period, used)"
		" VALUES ($1, $2, CASE WHEN $4"
		"  THEN date_trunc('month', now() AT TIME ZONE 'UTC')::date"
		"  ELSE date 'epoch' END, $3)"
		" ON CONFLICT (user_id, quota, period)"
		" DO UPDATE SET used = u.used + $3"
		" RETURNING used + reserved";
	static SPIPlanPtr plan;
	Oid types[4] = {UUIDOID, TEXTOID, INT8OID, BOOLOID};
	Datum values[4] = {user_id, CStringGetTextDatum(quota->name), Int64GetDatum(amount),
					   BoolGetDatum(quota->monthly)};
	bool is_null;
	int64 used;
	int64 limit;

	if (run_kept(&plan, query, 4, types, values) != SPI_OK_INSERT_RETURNING)
		elog(ERROR, "quota_guard: cannot count usage");
	used = DatumGetInt64(
		SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null));
	limit = limit_of(user_id, quota);
	if (!quota_fits(limit, used, 0))
		refuse(quota, user_id, limit, used, amount);
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
		trigger->tg_trigger->tgnargs != 2)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("quota_guard must be an AFTER statement trigger with "
							   "arguments quota, amount expression")));
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
	quota = named_quota(trigger->tg_trigger->tgargs[0]);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "quota_guard: SPI_connect failed");
	if (SPI_register_trigger_data(trigger) != SPI_OK_TD_REGISTER)
		elog(ERROR, "quota_guard: cannot see the changed rows");
	query = amounts_query(quota, trigger->tg_trigger->tgargs[1], trigger->tg_event);
	if (SPI_execute(query, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "quota_guard: cannot sum the changed rows");
	owners = SPI_tuptable;
	owner_count = SPI_processed;
	for (uint64 i = 0; i < owner_count; i++)
	{
		bool is_null;
		Datum user_id = SPI_getbinval(owners->vals[i], owners->tupdesc, 1, &is_null);
		Datum amount = SPI_getbinval(owners->vals[i], owners->tupdesc, 2, &is_null);

		if (DatumGetInt64(amount) > 0)
			charge_usage(quota, user_id, DatumGetInt64(amount));
		else
			give_back(quota, user_id, DatumGetInt64(amount));
	}
	SPI_finish();
	return PointerGetDatum(NULL);
}
