/*
 * fsm_sql.c
 *	  The C tables shown to SQL: moves, stages, quotas, error codes.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "errcodes.h"
#include "fsm.h"
#include "quota.h"

PG_FUNCTION_INFO_V1(leap_fsm);
PG_FUNCTION_INFO_V1(leap_fsm_stages);
PG_FUNCTION_INFO_V1(leap_fsm_known);
PG_FUNCTION_INFO_V1(leap_quotas);
PG_FUNCTION_INFO_V1(leap_error_codes);

/* Adds a row of texts; a NULL text is a null. */
static void
put_row(FunctionCallInfo fcinfo, int width, const char *const *texts)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum values[8];
	bool nulls[8];

	Assert(width <= (int) lengthof(values));
	for (int i = 0; i < width; i++)
	{
		nulls[i] = texts[i] == NULL;
		values[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(texts[i]);
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* leap.fsm() returns setof (entity, from_status, to_status, event, comment) */
Datum
leap_fsm(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < fsm_move_count; i++)
	{
		const FsmMove *move = &fsm_moves[i];

		put_row(fcinfo, 5,
				(const char *const[]){move->entity, move->from, move->to, move->event,
									  move->comment});
	}
	return (Datum) 0;
}

/* leap.stages() returns setof (stage, before_status, during_status, after_status) */
Datum
leap_fsm_stages(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < fsm_stage_count; i++)
	{
		const FsmStage *stage = &fsm_stages[i];

		put_row(fcinfo, 4,
				(const char *const[]){stage->name, stage->before, stage->during,
									  stage->after});
	}
	return (Datum) 0;
}

/* leap.fsm_known(entity, status) returns boolean: the CHECK of the status columns */
Datum
leap_fsm_known(PG_FUNCTION_ARGS)
{
	char *entity = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char *status = text_to_cstring(PG_GETARG_TEXT_PP(1));

	PG_RETURN_BOOL(fsm_known(entity, status));
}

/* leap.quotas() returns setof (quota, unit, period, measure, setting, comment) */
Datum
leap_quotas(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < quota_count; i++)
	{
		const Quota *quota = &quotas[i];

		put_row(fcinfo, 6,
				(const char *const[]){quota->name, quota->unit, quota_period(quota),
									  quota_measure(quota), quota->setting,
									  quota->comment});
	}
	return (Datum) 0;
}

/* leap.error_codes() returns setof (sqlstate, name, http_status, meaning) */
Datum
leap_error_codes(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < error_code_count; i++)
	{
		const ErrorCode *code = &error_codes[i];
		char status[8];

		snprintf(status, sizeof status, "%d", code->http_status);
		put_row(fcinfo, 4,
				(const char *const[]){code->sqlstate, code->name, status, code->meaning});
	}
	return (Datum) 0;
}
