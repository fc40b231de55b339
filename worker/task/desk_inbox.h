/*
 * task/desk_inbox.h
 *	  The inboxes a worker watches: which they are, and telling the database when files
 *	  appear in one.
 */
#ifndef LEAP_TASK_DESK_INBOX_H
#define LEAP_TASK_DESK_INBOX_H

#include "task/desk.h"

/* Notifications of this channel say that the list of inboxes changed. */
#define INBOX_CHANNEL "leap_inboxes"

/* Asks which inboxes there are, and tells what appeared, when either is due. */
void inboxes_work(Desk *desk, double now);

/* The latest time at which inboxes_work must be called again. */
void inboxes_want(const Desk *desk, double *latest);

#endif
