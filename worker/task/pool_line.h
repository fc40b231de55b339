/*
 * task/pool_line.h
 *	  What a child says on its control channel.
 */
#ifndef LEAP_TASK_POOL_LINE_H
#define LEAP_TASK_POOL_LINE_H

#include "task/pool.h"

/* Acts on every whole line received so far: progress, questions, the outcome. */
void slot_read_lines(Slot *slot);

#endif
