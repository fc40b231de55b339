/*
 * gate/events.h
 *	  Server-sent events: GET /events.
 */
#ifndef LEAP_GATE_EVENTS_H
#define LEAP_GATE_EVENTS_H

#include "gate/request.h"

/* Whether the path is that of the events; then request->run is to be events_run. */
bool events_is_path(Slice path);
void events_run(Request *request);

/* The ticket that the URL of a stream bears instead of a token; NULL: none. */
const char *events_ticket(Request *request);

#endif
