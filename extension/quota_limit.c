/*
 * quota_limit.c
 *	  Which limit is in force for a user, and who set it.
 *
 * Concept: three layers, the first that says something decides: the user's own limits, the
 * limits of his plan, the default of the installation. The first two hold only while the
 * subscription does: it has begun and has not expired. Nothing is locked: whoever decides by
 * a limit has locked the usage before he asks.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "quota_limit.h"

PG_FUNCTION_INFO_V1(leap_quota_limit);
PG_FUNCTION_INFO_V1(leap_quota_source);
PG_FUNCTION_INFO_V1(leap_quota_amount);

#define BYTES_PER_MB INT64CONST(1048576)

static const char *const sources[] = {"override", "plan", "default"};

int
quota_run_kept(SPIPlanPtr *plan, const char *query, int count, Oid *types, Datum *values)
{
	if (*plan == NULL)
	{
		SPIPlanPtr prepared = SPI_prepare(query, count, types);

		if (prepared == NULL || SPI_keepplan(prepared) != 0)
			elog(ERROR, "quota: cannot prepare: %s", query);
		*plan = prepared;
	}
	return SPI_execute_plan(*plan, values, NULL, false, 0);
}

const Quota *
quota_named(const char *name)
{
	const Quota *quota = quota_find(name);

	if (quota == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there is no quota \"%s\"", name),
						errhint("SELECT quota FROM leap.quotas() lists them.")));
	return quota;
}

/* The default of the installation; settings count storage in MB. */
static int64
default_limit(const Quota *quota)
{
	int64 value = strtoll(GetConfigOption(quota->setting, false, false), NULL, 10);

	if (value < 0)
		return QUOTA_UNLIMITED;
	return strcmp(quota->unit, "bytes") == 0 ? value * BYTES_PER_MB : value;
}

/* Reads a layer from a column of the current SPI row. */
static void
read_layer(int column, QuotaLayer *layer)
{
	char *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);

	if (!quota_parse(text, layer))
		elog(ERROR, "quota: \"%s\" is no limit", text);
}

int64
quota_limit_of(Datum user_id, const Quota *quota, const char **source)
{
	static const char *const query =
		"SELECT s.custom_limits->>$2, p.limits->>$2"
		" FROM leap.user_subscriptions s LEFT JOIN leap.subscription_plans p"
		" ON p.id = s.plan_id"
		" WHERE s.user_id = $1 AND s.starts_at <= pg_catalog.now()"
		" AND (s.expires_at IS NULL OR s.expires_at > pg_catalog.now())";
	static SPIPlanPtr plan;
	Oid types[2] = {UUIDOID, TEXTOID};
	Datum values[2] = {user_id, CStringGetTextDatum(quota->name)};
	QuotaLayer layers[lengthof(sources)] = {
		{false, QUOTA_UNLIMITED},
		{false, QUOTA_UNLIMITED},
		{true,  QUOTA_UNLIMITED},
	};
	size_t deciding;

	if (quota_run_kept(&plan, query, 2, types, values) != SPI_OK_SELECT)
		elog(ERROR, "quota: cannot read the subscription");
	if (SPI_processed > 0)
	{
		read_layer(1, &layers[0]);
		read_layer(2, &layers[1]);
	}
	layers[2].limit = default_limit(quota);
	deciding = quota_decide(layers, lengthof(layers));
	*source = sources[deciding];
	return layers[deciding].limit;
}

/* The same for a caller that is not connected to SPI. */
static int64
limit_by_name(FunctionCallInfo fcinfo, const char **source)
{
	const Quota *quota = quota_named(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	int64 limit;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "quota: SPI_connect failed");
	limit = quota_limit_of(PG_GETARG_DATUM(0), quota, source);
	SPI_finish();
	return limit;
}

/* leap.quota_limit(user_id uuid, quota text) returns bigint: null = unlimited */
Datum
leap_quota_limit(PG_FUNCTION_ARGS)
{
	const char *source;
	int64 limit = limit_by_name(fcinfo, &source);

	if (limit == QUOTA_UNLIMITED)
		PG_RETURN_NULL();
	PG_RETURN_INT64(limit);
}

/* leap.quota_source(user_id uuid, quota text) returns text: override, plan or default */
Datum
leap_quota_source(PG_FUNCTION_ARGS)
{
	const char *source;

	(void) limit_by_name(fcinfo, &source);
	PG_RETURN_TEXT_P(cstring_to_text(source));
}

/* leap.quota_amount(quota text, amount bigint) returns text: the amount for people */
Datum
leap_quota_amount(PG_FUNCTION_ARGS)
{
	const Quota *quota = quota_named(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	char text[64];

	PG_RETURN_TEXT_P(
		cstring_to_text(quota_amount(quota, PG_GETARG_INT64(1), text, sizeof text)));
}
