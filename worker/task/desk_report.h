/*
 * task/desk_report.h
 *	  Outcomes and questions of the children, on their way to the database.
 */
#ifndef LEAP_TASK_DESK_REPORT_H
#define LEAP_TASK_DESK_REPORT_H

#include "task/desk.h"

/* Sends what has ended and is not reported: all results in one call, each failure in one
 * of its own, all returned tasks in one. Slots whose lease is lost are freed. */
void report_outcomes(Desk *desk, double now);

/* Passes questions (confirm, checkpoint) on that the database has not seen yet. */
void report_questions(Desk *desk);

/* Answers no where the database was silent for longer than a lease lives: the child must
 * not do what cannot be undone. */
void report_unheard(Desk *desk, double now);

#endif
