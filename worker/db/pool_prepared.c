/*
 * db/pool_prepared.c
 *	  What a connection has prepared, by the text of the statement.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "db/pool_parts.h"

static uint64_t
hash_text(const char *text)
{
	uint64_t hash = 1469598103934665603u;

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char) *text) * 1099511628211u;
	return hash;
}

/* A free place, or the one least recently used that the job under way does not need. */
static Prepared *
place_for_one(Slot *slot)
{
	Prepared *oldest = NULL;

	for (size_t i = 0; i < POOL_PREPARED; i++)
	{
		Prepared *prepared = &slot->prepared[i];

		if (prepared->sql == NULL)
			return prepared;
		if (prepared->used != slot->jobs &&
			(oldest == NULL || prepared->used < oldest->used))
			oldest = prepared;
	}
	return oldest;
}

Prepared *
prepared_of(Slot *slot, const char *sql, unsigned *evicted)
{
	uint64_t hash = hash_text(sql);
	Prepared *place;

	*evicted = 0;
	for (size_t i = 0; i < POOL_PREPARED; i++)
	{
		place = &slot->prepared[i];
		if (place->hash == hash && place->sql != NULL && strcmp(place->sql, sql) == 0)
		{
			place->used = slot->jobs;
			return place;
		}
	}
	place = place_for_one(slot);
	if (place->ready)
		*evicted = place->number;
	free(place->sql);
	*place = (Prepared){.hash = hash, .used = slot->jobs, .number = ++slot->numbers};
	place->sql = array_text(sql);
	return place;
}

void
prepared_forget_all(Slot *slot)
{
	for (size_t i = 0; i < POOL_PREPARED; i++)
	{
		free(slot->prepared[i].sql);
		slot->prepared[i] = (Prepared){0};
	}
}

void
prepared_name(const Prepared *prepared, char name[16])
{
	(void) snprintf(name, 16, "p%u", prepared->number);
}
