/*
 * fsm.h
 *	  The state machines of LEAP: one table of moves, read by the guard trigger, by SQL
 *	  (leap.fsm()), by the documentation and by the tests.
 *
 * Nothing here knows the server, so that unit tests run it as a plain program.
 */
#ifndef LEAP_FSM_H
#define LEAP_FSM_H

#include <stdbool.h>
#include <stddef.h>

#define FSM_ANY "*"

typedef struct FsmMove
{
	const char *entity;
	const char *from; /* NULL: a birth; FSM_ANY: whatever it is */
	const char *to;
	const char *event; /* the operation that may make this move */
	const char *comment;
} FsmMove;

/* A stage and the statuses a recording has before, during and after it. */
typedef struct FsmStage
{
	const char *name;
	const char *before;
	const char *during;
	const char *after;
} FsmStage;

extern const FsmMove fsm_moves[];
extern const size_t fsm_move_count;
extern const FsmStage fsm_stages[];
extern const size_t fsm_stage_count;

/*
 * fsm_find returns the move of an entity from one status (NULL: birth) to another by an
 * event, or NULL. With event NULL any event will do, but for those that leave any status.
 */
const FsmMove *fsm_find(const char *entity, const char *from, const char *to,
						const char *event);

/* fsm_known tells whether any move of the entity leads to the status. */
bool fsm_known(const char *entity, const char *status);

/*
 * fsm_allowed writes "A (step), B (skip, reset)": where an entity may go from a status;
 * "nothing: … is final" if nowhere. Moves from any status are left out. Returns text.
 */
const char *fsm_allowed(const char *entity, const char *from, char *text, size_t size);

#endif
