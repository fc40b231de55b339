/*
 * rest/media.h
 *	  Media types: which one an answer gets.
 */
#ifndef LEAP_REST_MEDIA_H
#define LEAP_REST_MEDIA_H

#include "rest/plan.h"

/* The best of what the client accepts and this kind of answer can be; PGRST107 when none is. */
bool media_negotiate(RestPlan *plan, Slice accept, RestError *error);

/* Whether the client accepts what the plan makes already; PGRST107 when not. A function that
 * answers text says itself which type that is. */
bool media_accepts(RestPlan *plan, Slice accept, RestError *error);

/* The type that the called function makes itself, whoever asks; false: none of its own. */
bool media_of_function(RestPlan *plan);

/* Content-Type of the answer, as long as the plan. */
const char *media_type(const RestPlan *plan);

#endif
