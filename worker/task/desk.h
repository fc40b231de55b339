/*
 * task/desk.h
 *	  A worker's dealings with the database: every SQL text of the worker is in desk.c.
 *
 * The desk has a name at the database (worker id and secret), takes tasks into the pool
 * and reports their outcomes. Reports are sent again after a lost connection until they
 * are answered: complete() and fail() answer a repeated report like the first.
 */
#ifndef LEAP_TASK_DESK_H
#define LEAP_TASK_DESK_H

#include <stdbool.h>

#include "db/link.h"
#include "task/pool.h"
#include "task/rooms.h"

typedef struct DeskSettings
{
	const char *database;
	const char *name;
	const char *queues; /* as the operator said them, for the log */
	Rooms rooms;
} DeskSettings;

struct Watch;

typedef struct Desk
{
	DeskSettings settings;
	Link *link;
	Pool *pool;
	struct Watch *watch; /* inboxes; NULL = they are not this worker's business */
	char worker[40];     /* "" = never registered */
	char secret[128];
	bool registered; /* in this session */
	int registrations;
	bool refused;           /* for good: this program is too old */
	bool closing;           /* claim nothing more */
	bool claiming;          /* a claim is under way */
	bool beating;           /* a heartbeat is under way */
	bool bell_heard;        /* notifications do arrive */
	struct Parcel *parcels; /* what children got from platforms and is not stored yet */
	int turn; /* which of the queues that share slots comes first in the next claim */
	double heartbeat_seconds;
	double poll_seconds;
	double lease_seconds;
	double contact_at; /* when the last answered heartbeat was sent */
	double beat_sent_at;
	double claim_at;
	double beat_at;
	double housekeep_at;
	double bell_check_at; /* 0 = done */
	double inboxes_at;    /* when to ask which inboxes there are */
	double register_at;
	int register_tries;
} Desk;

void desk_init(Desk *desk, const DeskSettings *settings, Pool *pool);
void desk_free(Desk *desk);

/* Sends what is due: registration, reports, questions of children, heartbeat, claim. */
void desk_work(Desk *desk);

/* The latest time at which desk_work must be called again. */
void desk_want(const Desk *desk, double *latest);

/* From now on nothing is claimed; what a claim under way brings is handed back. */
void desk_close(Desk *desk);

/* Nothing runs, nothing waits to be reported or answered. */
bool desk_is_idle(const Desk *desk);

/* Takes the worker off the list; the answer is not waited for here. */
void desk_unregister(Desk *desk);

#endif
