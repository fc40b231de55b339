/*
 * task/rooms.h
 *	  How many tasks of which queue a worker runs at the same time.
 *
 * A queue has a number of places of its own, or shares the slots with all that have none.
 * So a queue whose tasks take hours leaves room for the others.
 */
#ifndef LEAP_TASK_ROOMS_H
#define LEAP_TASK_ROOMS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "task/pool.h"

#define ROOMS_MOST_QUEUES 16
#define ROOMS_MOST_TASKS  1024 /* a worker; the database refuses more */

typedef struct Room
{
	char queue[24];
	int places; /* of its own; 0 = shares the slots */
} Room;

typedef struct Rooms
{
	Room rooms[ROOMS_MOST_QUEUES];
	size_t count;
	int slots; /* that the queues without places share; 0 when all have some */
	int total;
} Rooms;

/* What a claim may bring. */
typedef struct Vacancy
{
	int shared; /* for the queues without places of their own, together */
	cJSON *own; /* {"queue": free} of the others; NULL where there are none */
	bool any;   /* something may be claimed */
} Vacancy;

/* For CLEANUP(vacancy). */
static inline void
cleanup_vacancy(Vacancy *vacancy)
{
	cJSON_Delete(vacancy->own);
}

/* Reads "upload=4,processing", a checked value of the option; `slots` is for the queues
 * without a number. Refuses more tasks than a worker may run. */
bool rooms_read(Rooms *rooms, const char *list, int slots, Error *err);

/* What is free beside the tasks that run or wait to be reported. Those whose outcome is on
 * its way no longer count: their answers come first. */
Vacancy rooms_vacancy(const Rooms *rooms, const Pool *pool);

/* The names alone, comma-separated. */
void rooms_names(const Rooms *rooms, char *names, size_t size);

/* {"queue": places} of those that have some. The caller deletes it. */
cJSON *rooms_json(const Rooms *rooms);

#endif
