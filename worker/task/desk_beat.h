/*
 * task/desk_beat.h
 *	  The heartbeat of a worker.
 */
#ifndef LEAP_TASK_DESK_BEAT_H
#define LEAP_TASK_DESK_BEAT_H

#include "task/desk.h"

/* Sends a heartbeat and sets the time of the next one. */
void beat_send(Desk *desk);

/* The database knows this worker no longer: its children end without a report, and it
 * registers as a new worker. */
void desk_forget(Desk *desk);

void desk_log_problem(const char *what, const Error *err);

#endif
