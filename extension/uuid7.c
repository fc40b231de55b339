/*
 * uuid7.c
 *	  UUID version 7 (RFC 9562, section 5.7): 48 bits of milliseconds since 1970, 12 bits of
 *	  the fraction of the millisecond (method 3 of section 6.2), 62 random bits.
 *
 * Values of one backend are strictly increasing: when the clock does not advance or goes
 * back, the last time plus one step is taken.
 */
#include "postgres.h"

#include <time.h>

#include "fmgr.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(leap_uuid7);
PG_FUNCTION_INFO_V1(leap_uuid7_time);

#define FRACTION_STEPS        4096 /* 12 bits */
#define UNIX_TO_POSTGRES_DAYS (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)

/* Steps of 1/4096 ms since 1970. */
static uint64
clock_steps(void)
{
	static uint64 last = 0;
	struct timespec now;
	uint64 steps;

	clock_gettime(CLOCK_REALTIME, &now);
	steps =
		((uint64) now.tv_sec * 1000 + (uint64) now.tv_nsec / 1000000) * FRACTION_STEPS +
		(uint64) now.tv_nsec % 1000000 * FRACTION_STEPS / 1000000;
	last = steps > last ? steps : last + 1;
	return last;
}

/* leap.uuid7() returns uuid */
Datum
leap_uuid7(PG_FUNCTION_ARGS)
{
	pg_uuid_t *uuid = palloc(sizeof *uuid);
	uint64 steps = clock_steps();
	uint64 ms = steps / FRACTION_STEPS;
	uint64 fraction = steps % FRACTION_STEPS;

	if (!pg_strong_random(uuid->data + 8, 8))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("no random numbers")));
	for (int i = 0; i < 6; i++)
		uuid->data[i] = (unsigned char) (ms >> (40 - 8 * i));
	uuid->data[6] = (unsigned char) (0x70 | (fraction >> 8));
	uuid->data[7] = (unsigned char) fraction;
	uuid->data[8] = (unsigned char) (0x80 | (uuid->data[8] & 0x3f));
	PG_RETURN_UUID_P(uuid);
}

/* leap.uuid7_time(uuid) returns timestamptz: when it was made, to the millisecond; null for
 * another version */
Datum
leap_uuid7_time(PG_FUNCTION_ARGS)
{
	pg_uuid_t *uuid = PG_GETARG_UUID_P(0);
	uint64 ms = 0;

	if ((uuid->data[6] & 0xf0) != 0x70)
		PG_RETURN_NULL();
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | uuid->data[i];
	PG_RETURN_TIMESTAMPTZ((TimestampTz) ms * 1000 -
						  (int64) UNIX_TO_POSTGRES_DAYS * USECS_PER_DAY);
}
