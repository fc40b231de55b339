/*
 * task/leftover.h
 *	  What a child has begun outside its work folder, for the case that it cannot finish.
 *
 * A child names each file and hidden folder before it makes it. When its task is cancelled
 * the worker removes them: nobody will ever ask for them. When the child ends without a
 * result, files of the storage go that no checkpoint of it names; the next attempt may go on
 * with the others. What is left then, the sweep finds.
 */
#ifndef LEAP_TASK_LEFTOVER_H
#define LEAP_TASK_LEFTOVER_H

#include <cjson/cJSON.h>

/* Keeps {"made":NAME,"in":"storage"|"library"} in *list, which is made when it is needed. */
void leftover_note(cJSON **list, const cJSON *line);

/* The state of a checkpoint: what a text in it names may be asked for again. */
void leftover_keep(cJSON *list, const cJSON *state);

/* Removes the files of the storage that are listed and not kept. storage is an absolute folder,
 * settings what else is known of it or NULL (storage_discard). */
void leftover_remove_unnamed(const cJSON *list, const char *storage,
							 const cJSON *settings);

/* Removes all that is listed and still there; storage and library are absolute folders. */
void leftover_remove(const cJSON *list, const char *storage, const cJSON *settings,
					 const char *library);

#endif
