/*
 * stage.h
 *	  Where a recording stands, concluded from the tasks of its run.
 */
#ifndef LEAP_STAGE_H
#define LEAP_STAGE_H

#include <stdbool.h>

typedef struct StageMove
{
	const char *event;
	const char *to;
	bool passed; /* the stage is behind the recording: its failures are forgotten */
} StageMove;

/* The bit that says: this stage has a task in this state; 0 for unknown names. */
int stage_bit(const char *stage, const char *state);

/*
 * stage_next finds the next single move of a recording with this status, given the bits of
 * all tasks of its run; false: it stays. failed_at is the stage it failed at or "". how is
 * the event that ends a stage nobody works on: rollback, release, cancel, or step: none.
 */
bool stage_next(const char *status, const char *failed_at, int states, const char *how,
				StageMove *move);

/* The state of a run whose tasks have these bits: active, failed, cancelled or finished. */
const char *stage_run_state(int states);

#endif
