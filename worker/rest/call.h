/*
 * rest/call.h
 *	  Which of the functions of a name a call means.
 */
#ifndef LEAP_REST_CALL_H
#define LEAP_REST_CALL_H

#include "rest/payload.h"
#include "rest/plan.h"

/* What a call gives: names, each once and sorted, and of POST the type of the body. */
typedef struct CallNames
{
	const char **names;
	size_t count;
	bool post;
	PayloadType type;
} CallNames;

/*
 * Sets plan->function: the one whose required arguments are all given and which knows all
 * that are given, or with POST the one that takes the whole body as its only argument, which
 * has no name; *whole tells which. PGRST202 when there is none, PGRST203 for several.
 */
bool call_choose(RestPlan *plan, const char *name, const CallNames *given, bool *whole,
				 RestError *error);

#endif
