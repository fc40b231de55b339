/*
 * fsm_guard.h
 *	  Start-up of the status guard.
 */
#ifndef LEAP_FSM_GUARD_H
#define LEAP_FSM_GUARD_H

/* Registers the callbacks that forget an announced move at the end of a transaction. */
void fsm_guard_init(void);

#endif
