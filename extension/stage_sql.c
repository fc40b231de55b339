/*
 * stage_sql.c
 *	  The conclusions of stage.c as SQL functions.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "stage.h"

PG_FUNCTION_INFO_V1(leap_task_bit);
PG_FUNCTION_INFO_V1(leap_next_move);
PG_FUNCTION_INFO_V1(leap_run_state);

/* leap.task_bit(stage, state) returns int; 0 for a task without a stage */
Datum
leap_task_bit(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_INT32(0);
	PG_RETURN_INT32(stage_bit(text_to_cstring(PG_GETARG_TEXT_PP(0)),
							  text_to_cstring(PG_GETARG_TEXT_PP(1))));
}

/* leap.next_move(status, failed_at_stage, states, how) returns (event, to_status, passed,
 * again), null if the recording stays */
Datum
leap_next_move(PG_FUNCTION_ARGS)
{
	TupleDesc row;
	Datum values[4] = {0};
	bool nulls[4] = {false};
	StageMove move;
	StageMove later;
	char *failed_at;
	char *how;
	int states;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	failed_at = PG_ARGISNULL(1) ? pstrdup("") : text_to_cstring(PG_GETARG_TEXT_PP(1));
	how = text_to_cstring(PG_GETARG_TEXT_PP(3));
	states = PG_GETARG_INT32(2);
	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "next_move: return type must be a row");
	if (!stage_next(text_to_cstring(PG_GETARG_TEXT_PP(0)), failed_at, states, how, &move))
		PG_RETURN_NULL();
	values[0] = CStringGetTextDatum(move.event);
	values[1] = CStringGetTextDatum(move.to);
	values[2] = BoolGetDatum(move.passed);
	values[3] = BoolGetDatum(stage_next(move.to, failed_at, states, how, &later));
	PG_RETURN_DATUM(
		HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls)));
}

/* leap.run_state(states) returns text */
Datum
leap_run_state(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(stage_run_state(PG_GETARG_INT32(0))));
}
