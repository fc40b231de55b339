/*
 * floor.c
 *	  For each lane, the number below which no lease lives.
 *
 * Concept: a claim counts the leases of a user. Rows of leases that ended stay in the index
 * for as long as the oldest transaction of the database may see them, and a count would
 * pass all of them each time. Leases of a lane get ascending numbers and are made under the
 * lock of the lane, so below the oldest one that a holder of the lock saw alive no other can
 * appear: a count may start there. What this session learned is enough, it is only about
 * speed; a session that knows nothing starts at 0.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "utils/hsearch.h"

#include "floor.h"

PG_FUNCTION_INFO_V1(leap_lease_floor);
PG_FUNCTION_INFO_V1(leap_set_lease_floor);

typedef struct Floor
{
	int32 lane; /* the key */
	int64 number;
} Floor;

static HTAB *floors;

static Floor *
floor_of(int32 lane, HASHACTION action)
{
	bool found;
	Floor *entry;

	if (floors == NULL)
	{
		HASHCTL control = {.keysize = sizeof(int32), .entrysize = sizeof(Floor)};

		floors = hash_create("leap lease floors", 64, &control, HASH_ELEM | HASH_BLOBS);
	}
	entry = hash_search(floors, &lane, action, &found);
	if (entry != NULL && !found)
		entry->number = 0;
	return entry;
}

/* What was seen by a transaction that is undone may come back to life. */
static void
forget_floors(void)
{
	if (floors != NULL)
		hash_destroy(floors);
	floors = NULL;
}

static void
forget_at_abort(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT)
		forget_floors();
}

static void
forget_at_subabort(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
				   void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		forget_floors();
}

void
floor_init(void)
{
	RegisterXactCallback(forget_at_abort, NULL);
	RegisterSubXactCallback(forget_at_subabort, NULL);
}

/* leap.lease_floor(lane) returns bigint */
Datum
leap_lease_floor(PG_FUNCTION_ARGS)
{
	const Floor *entry = floor_of(PG_GETARG_INT32(0), HASH_FIND);

	PG_RETURN_INT64(entry == NULL ? 0 : entry->number);
}

/* leap.set_lease_floor(lane, number): null number: what is known stays */
Datum
leap_set_lease_floor(PG_FUNCTION_ARGS)
{
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1))
		floor_of(PG_GETARG_INT32(0), HASH_ENTER)->number = PG_GETARG_INT64(1);
	PG_RETURN_VOID();
}
