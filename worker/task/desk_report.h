/*
 * task/desk_report.h
 *	  Outcomes of the children, on their way to the database.
 */
#ifndef LEAP_TASK_DESK_REPORT_H
#define LEAP_TASK_DESK_REPORT_H

#include "task/desk.h"

/* Sends what has ended and is not reported: all results in one call, each failure in one
 * of its own, all returned tasks in one. Slots whose lease is lost are freed. */
void report_outcomes(Desk *desk, double now);

#endif
