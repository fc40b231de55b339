/*
 * task/rooms.c
 *	  How many tasks of which queue a worker runs at the same time.
 */
#include "task/rooms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
rooms_read(Rooms *rooms, const char *list, int slots, Error *err)
{
	bool shared = false;

	memset(rooms, 0, sizeof *rooms);
	while (*list != '\0' && rooms->count < ROOMS_MOST_QUEUES)
	{
		Room *room = &rooms->rooms[rooms->count++];
		size_t length = strcspn(list, ",=");

		snprintf(room->queue, sizeof room->queue, "%.*s", (int) length, list);
		list += length;
		if (*list == '=')
			room->places = (int) strtol(list + 1, NULL, 10);
		else
			shared = true;
		rooms->total += room->places;
		list += strcspn(list, ",");
		list += *list == ',';
	}
	rooms->slots = shared ? slots : 0;
	rooms->total += rooms->slots;
	return rooms->total <= ROOMS_MOST_TASKS ||
		   error_set(err, ERROR_PERMANENT, "usage", "Start more workers instead.",
					 "the queues and slots add up to %d tasks at the same time, a worker "
					 "runs at most %d",
					 rooms->total, ROOMS_MOST_TASKS);
}

static const Room *
find(const Rooms *rooms, const char *queue)
{
	for (size_t i = 0; i < rooms->count; i++)
		if (strcmp(rooms->rooms[i].queue, queue) == 0)
			return &rooms->rooms[i];
	return NULL;
}

/* How many tasks are in the way: of one queue, or of all that share the slots (NULL). */
static int
busy(const Rooms *rooms, const Pool *pool, const Room *of)
{
	int count = 0;

	for (size_t i = 0; i < pool->count; i++)
	{
		const Slot *slot = &pool->slots[i];
		const Room *room;

		if (slot->state != SLOT_RUNNING && slot->state != SLOT_ENDED)
			continue;
		room = find(rooms, slot->queue);
		if (room != NULL && room->places == 0)
			room = NULL;
		count += room == of;
	}
	return count;
}

Vacancy
rooms_vacancy(const Rooms *rooms, const Pool *pool)
{
	Vacancy vacancy = {.shared = rooms->slots - busy(rooms, pool, NULL)};

	if (vacancy.shared < 0)
		vacancy.shared = 0;
	vacancy.any = vacancy.shared > 0;
	for (size_t i = 0; i < rooms->count; i++)
	{
		const Room *room = &rooms->rooms[i];
		int rest = room->places - busy(rooms, pool, room);

		if (room->places == 0)
			continue;
		if (vacancy.own == NULL)
			vacancy.own = cJSON_CreateObject();
		cJSON_AddNumberToObject(vacancy.own, room->queue, rest > 0 ? rest : 0);
		vacancy.any = vacancy.any || rest > 0;
	}
	return vacancy;
}

void
rooms_names(const Rooms *rooms, char *names, size_t size)
{
	size_t length = 0;

	names[0] = '\0';
	for (size_t i = 0; i < rooms->count && length < size; i++)
		length += (size_t) snprintf(names + length, size - length, "%s%s",
									i > 0 ? "," : "", rooms->rooms[i].queue);
}

cJSON *
rooms_json(const Rooms *rooms)
{
	cJSON *json = cJSON_CreateObject();

	for (size_t i = 0; i < rooms->count; i++)
		if (rooms->rooms[i].places > 0)
			cJSON_AddNumberToObject(json, rooms->rooms[i].queue, rooms->rooms[i].places);
	return json;
}
