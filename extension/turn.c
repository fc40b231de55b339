/*
 * turn.c
 *	  Whose turn it is: where a walk that is repeated in this session goes on.
 *
 * Concept: a claim that serves users in turn has to remember where the last one ended. The
 * place is worth nothing to others and is asked for all the time, so it lives in the memory
 * of the backend: no row is written for it, nothing is locked, and it ends with the session.
 * A rolled-back transaction leaves it where it was put, which does no harm.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(leap_turn);
PG_FUNCTION_INFO_V1(leap_set_turn);

#define WALK_SIZE  64
#define WALK_COUNT 16 /* as many as there are queues, about; the table grows */

typedef struct Turn
{
	char walk[WALK_SIZE]; /* the key */
	int32 place;
} Turn;

static HTAB *turns;

/* The turn of a walk; NULL if there is none and none is to be made. */
static Turn *
find_turn(text *name, HASHACTION action)
{
	char walk[WALK_SIZE];

	if (turns == NULL)
	{
		HASHCTL control = {
			.keysize = WALK_SIZE, .entrysize = sizeof(Turn), .hcxt = TopMemoryContext};

		turns = hash_create("leap turns", WALK_COUNT, &control,
							HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	}
	text_to_cstring_buffer(name, walk, sizeof walk);
	return hash_search(turns, walk, action, NULL);
}

/* leap.turn(walk text) returns int: null before the first */
Datum
leap_turn(PG_FUNCTION_ARGS)
{
	const Turn *turn = find_turn(PG_GETARG_TEXT_PP(0), HASH_FIND);

	if (turn == NULL)
		PG_RETURN_NULL();
	PG_RETURN_INT32(turn->place);
}

/* leap.set_turn(walk text, place int) returns void */
Datum
leap_set_turn(PG_FUNCTION_ARGS)
{
	Turn *turn = find_turn(PG_GETARG_TEXT_PP(0), HASH_ENTER);

	turn->place = PG_GETARG_INT32(1);
	PG_RETURN_VOID();
}
