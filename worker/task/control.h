/*
 * task/control.h
 *	  The channel between a worker and a child: one JSON object a line, both ways.
 */
#ifndef LEAP_TASK_CONTROL_H
#define LEAP_TASK_CONTROL_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/error.h"

typedef struct Control
{
	int fd; /* a stream socket, -1 when closed */
	Buffer in;
	Buffer out;
	bool ended; /* the other side is gone, or broke the protocol */
} Control;

/* Takes over fd. */
void control_init(Control *control, int fd);
void control_close(Control *control);

/* Reads what is there without waiting; notices the end. */
void control_receive(Control *control);

/* The next whole line, NULL when there is none yet. The caller deletes it. */
cJSON *control_next(Control *control);

/* Queues one line; control_send writes as much as the socket takes without waiting. */
void control_put(Control *control, const cJSON *line);
void control_send(Control *control);

/* Waits until everything queued is written, or the other side is gone: false. */
bool control_send_all(Control *control);

#endif
