/* sources: ../extension/fsm.c */
/*
 * tests/unit/test_fsm.c
 *	  The table of moves, as the guard reads it: complete, without doubles, and it can be walked.
 */
#include <stddef.h>

#include "../../extension/fsm.h"
#include "tap.h"

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
test_no_doubles(void)
{
	int doubles = 0;

	for (size_t i = 0; i < fsm_move_count; i++)
		for (size_t j = i + 1; j < fsm_move_count; j++)
			if (same(fsm_moves[i].entity, fsm_moves[j].entity) &&
				same(fsm_moves[i].from, fsm_moves[j].from) &&
				same(fsm_moves[i].to, fsm_moves[j].to) &&
				same(fsm_moves[i].event, fsm_moves[j].event))
				doubles++;
	is_int(doubles, 0, "no move stands in the table twice");
}

/* Every status that is left is also reached, and every birth is a known status. */
static void
test_reachable(void)
{
	int lost = 0;

	for (size_t i = 0; i < fsm_move_count; i++)
	{
		const FsmMove *move = &fsm_moves[i];

		if (move->from != NULL && !same(move->from, FSM_ANY) &&
			!fsm_known(move->entity, move->from))
			lost++;
		if (move->comment == NULL || move->comment[0] == '\0')
			lost++;
	}
	is_int(lost, 0, "every status a move leaves is reached by another");
}

static void
test_find(void)
{
	ok(fsm_find("recording", "INITIALIZED", "DOWNLOADING", "step") != NULL, "a move");
	ok(fsm_find("recording", "INITIALIZED", "DOWNLOADING", "retry") == NULL,
	   "the same pair by another event is no move");
	ok(fsm_find("recording", "INITIALIZED", "DOWNLOADING", NULL) != NULL,
	   "without an event any event will do");
	ok(fsm_find("recording", NULL, "INITIALIZED", "create") != NULL, "a birth");
	ok(fsm_find("recording", NULL, "UPLOADED", NULL) == NULL, "no birth as UPLOADED");
	ok(fsm_find("task", "succeeded", "ready", NULL) == NULL, "a final state is final");
	ok(fsm_find("task", "INITIALIZED", "DOWNLOADING", "step") == NULL,
	   "entities do not share moves");
	ok(!fsm_known("recording", "DONE"), "an unknown status");
	ok(!fsm_known("recording", FSM_ANY), "any is no status");
}

/* Every status can be repaired into every other, by that event only. */
static void
test_repair(void)
{
	int missing = 0;

	for (size_t i = 0; i < fsm_move_count; i++)
		if (same(fsm_moves[i].entity, "recording") &&
			fsm_find("recording", "UPLOADED", fsm_moves[i].to, "repair") == NULL)
			missing++;
	is_int(missing, 0, "every status can be repaired into");
	ok(fsm_find("recording", "INITIALIZED", "UPLOADED", NULL) == NULL,
	   "a repair has to be named");
	ok(fsm_find("recording", NULL, "UPLOADED", "repair") == NULL,
	   "nothing is born by a repair");
	ok(fsm_find("task", "succeeded", "ready", "repair") == NULL,
	   "tasks are not repaired");
}

static void
test_stages(void)
{
	for (size_t i = 0; i < fsm_stage_count; i++)
	{
		const FsmStage *stage = &fsm_stages[i];

		ok(fsm_find("recording", stage->before, stage->during, "step") != NULL,
		   "%s can start", stage->name);
		ok(fsm_find("recording", stage->during, stage->after, "step") != NULL,
		   "%s can end", stage->name);
		ok(fsm_find("recording", stage->during, stage->before, "rollback") != NULL,
		   "%s can be rolled back", stage->name);
		ok(fsm_find("recording", "FAILED", stage->during, "retry") != NULL,
		   "%s can be retried", stage->name);
	}
}

static void
test_allowed(void)
{
	char text[512];
	char tiny[12];

	is_str(
		fsm_allowed("recording", "READY", text, sizeof text),
		"UPLOADING (publish), INITIALIZED (rerun, reset), DOWNLOADED (rerun), PROCESSED "
		"(rerun), TRANSCRIBED (rerun)",
		"the moves from READY, each status once with all its events");
	is_str(fsm_allowed("task", "succeeded", text, sizeof text),
		   "nothing: this status is final", "a final state");
	is_str(fsm_allowed("recording", "READY", tiny, sizeof tiny), "UPLOADING (",
		   "a text that does not fit is cut");
}

int
main(void)
{
	test_no_doubles();
	test_reachable();
	test_find();
	test_repair();
	test_stages();
	test_allowed();
	return done_testing();
}
