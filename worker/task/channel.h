/*
 * task/channel.h
 *	  A child's end of the control channel: the Reporter that every task gets.
 */
#ifndef LEAP_TASK_CHANNEL_H
#define LEAP_TASK_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/report.h"
#include "net/account.h"
#include "task/control.h"

typedef struct Channel
{
	Control control;
	Reporter reporter; /* give this to the task */
	AccountDoor door;  /* ... and this to its account */
	int64_t seq;       /* of the last question */
	double told_at;    /* clock_seconds() of the last progress line */
	double told;       /* its fraction */
	char step[64];     /* its step */
} Channel;

/* Takes over fd. From now on SIGTERM asks the task to stop instead of ending it. */
void channel_init(Channel *channel, int fd);

/* Waits for the assignment; NULL when the worker is gone. */
cJSON *channel_assignment(Channel *channel);

/* Sends the last word, {"done":...} or {"failed":...}. */
bool channel_finish(Channel *channel, const char *word, cJSON *value);

#endif
