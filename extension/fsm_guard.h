/*
 * fsm_guard.h
 *	  The status guard: start-up, and what passed it.
 */
#ifndef LEAP_FSM_GUARD_H
#define LEAP_FSM_GUARD_H

/* Registers the callbacks that forget an announced move at the end of a transaction. */
void fsm_guard_init(void);

/*
 * fsm_passed_event tells by which event the running command moved an entity from one status
 * (NULL: birth) to another. Each move that passed is told once, in the order of the rows.
 */
const char *fsm_passed_event(const char *entity, const char *from, const char *to);

#endif
