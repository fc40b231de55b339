/*
 * fence.c
 *	  Fences: the unforgeable numbers that prove a lease.
 *
 * Random, not counted: a sequence can repeat after a crash with asynchronous commit, and
 * then a stale worker would pass. 63 bits, so that a bigint holds it without a sign.
 */
#include "postgres.h"

#include "fmgr.h"

PG_FUNCTION_INFO_V1(leap_new_fence);

/* leap.new_fence() returns bigint: random, at least 1 */
Datum
leap_new_fence(PG_FUNCTION_ARGS)
{
	uint64 bits = 0;

	do
	{
		if (!pg_strong_random(&bits, sizeof bits))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR), errmsg("no random numbers")));
		bits >>= 1;
	} while (bits == 0);
	PG_RETURN_INT64((int64) bits);
}
