/*
 * leap.c
 *	  The module: start-up and version.
 *
 * Map: fsm.c the state machines, fsm_guard.c their trigger, quota.c the limits, quota_limit.c
 * whose limit is in force, quota_guard.c their trigger, merge.c layers of configuration, fence.c and uuid7.c numbers, turn.c whose turn it is, guc.c
 * settings, errcodes.c SQLSTATEs, fsm_sql.c the tables shown to SQL.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "floor.h"
#include "fsm_guard.h"
#include "guc.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(leap_version);

void _PG_init(void);

void
_PG_init(void)
{
	guc_init();
	fsm_guard_init();
	floor_init();
}

/* leap.library_version() returns text: the version of the loaded library */
Datum
leap_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(LEAP_VERSION));
}
