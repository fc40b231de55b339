/* sources: task/rooms.c base/error.c base/utf8.c */
/* libs: libcjson */
/*
 * tests/unit/test_rooms.c
 *	  How many tasks of which queue a worker asks for.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "tap.h"
#include "task/rooms.h"

#define SLOTS 6

static void
test_reading(void)
{
	CLEANUP(json) cJSON *json = NULL;
	Rooms rooms;
	Error err = {0};
	char names[64];

	ok(rooms_read(&rooms, "upload=4,processing,notify", 3, &err), "a list");
	is_int(rooms.total, 7, "numbers and shared slots add up");
	rooms_names(&rooms, names, sizeof names);
	is_str(names, "upload,processing,notify", "the names alone");
	json = rooms_json(&rooms);
	is_int(cJSON_GetArraySize(json), 1, "one has a number");

	ok(rooms_read(&rooms, "upload=4,processing=2", 3, &err), "numbers only");
	is_int(rooms.total, 6, "slots for nobody do not count");
	ok(!rooms_read(&rooms, "upload=1000,processing", 25, &err), "too many");
	ok(strstr(err.message, "1025") != NULL, "%s", err.message);
}

static void
test_vacancy(void)
{
	static const struct
	{
		const char *busy[SLOTS];
		SlotState state;
		int shared;
		int upload;
		bool any;
	} rows[] = {
		{{NULL},										   SLOT_RUNNING,   2, 2, true },
		{{"upload"},									   SLOT_RUNNING,   2, 1, true },
		{{"upload", "upload"},                             SLOT_RUNNING,   2, 0, true },
		{{"upload", "upload"},                             SLOT_ENDED,     2, 0, true },
		{{"upload", "upload"},                             SLOT_REPORTING, 2, 2, true },
		{{"processing", "notify"},                         SLOT_RUNNING,   0, 2, true },
		{{"upload", "upload", "processing", "processing"}, SLOT_RUNNING,   0, 0, false},
 /* of a queue that it does not serve any more */
		{{"other", "other", "other"},                      SLOT_RUNNING,   0, 2, true },
	};
	Slot slots[SLOTS];
	Pool pool = {.slots = slots, .count = SLOTS};
	Rooms rooms;
	Error err = {0};

	ok(rooms_read(&rooms, "upload=2,processing,notify", 2, &err), "a list");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		memset(slots, 0, sizeof slots);
		for (size_t k = 0; k < SLOTS && rows[i].busy[k] != NULL; k++)
		{
			slots[k].state = rows[i].state;
			snprintf(slots[k].queue, sizeof slots[k].queue, "%s", rows[i].busy[k]);
		}

		CLEANUP(vacancy) Vacancy vacancy = rooms_vacancy(&rooms, &pool);

		ok(vacancy.shared == rows[i].shared, "row %zu: %d shared", i, vacancy.shared);
		ok(cJSON_GetObjectItem(vacancy.own, "upload")->valueint == rows[i].upload,
		   "row %zu: %d of its own", i, rows[i].upload);
		ok(vacancy.any == rows[i].any, "row %zu: anything", i);
	}
}

int
main(void)
{
	test_reading();
	test_vacancy();
	return done_testing();
}
