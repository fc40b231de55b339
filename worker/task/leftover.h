/*
 * task/leftover.h
 *	  What a child has begun outside its work folder, for the case that it is cancelled.
 *
 * A child names each file and hidden folder before it makes it. When its task is cancelled
 * the worker removes them: nobody will ever ask for them. In every other case they stay,
 * as the next attempt may go on with them; the sweep finds what nobody named.
 */
#ifndef LEAP_TASK_LEFTOVER_H
#define LEAP_TASK_LEFTOVER_H

#include <cjson/cJSON.h>

/* Keeps {"made":NAME,"in":"storage"|"library"} in *list, which is made when it is needed. */
void leftover_note(cJSON **list, const cJSON *line);

/* Removes all that is listed and still there; storage and library are absolute folders. */
void leftover_remove(const cJSON *list, const char *storage, const char *library);

#endif
