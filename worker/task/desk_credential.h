/*
 * task/desk_credential.h
 *	  What children have got from platforms, on its way into the database.
 *
 * A new token makes the old one void, so it must not be lost with the child that got it: it is
 * sealed as soon as it is here, and sent until the database has answered, whatever becomes of
 * the child and its lease.
 */
#ifndef LEAP_TASK_DESK_CREDENTIAL_H
#define LEAP_TASK_DESK_CREDENTIAL_H

#include "task/desk.h"

/* Seals what children said; sends it where it is due. */
void credentials_send(Desk *desk);

/* Answers a child that asked for a newer token with what the database says, which is taken
 * over; NULL: nothing. */
void credential_renewed(Slot *slot, cJSON *answer);

void credentials_free(Desk *desk);

#endif
