/*
 * rest/answer_parts.h
 *	  Parts of answers that live in other files: what functions set, OPTIONS, the root.
 */
#ifndef LEAP_REST_ANSWER_PARTS_H
#define LEAP_REST_ANSWER_PARTS_H

#include "rest/answer.h"

/* response.status and response.headers, which override anything: PGRST111, PGRST112. */
bool answer_settings(const RestResult *result, RestAnswer *answer, Arena *arena,
					 RestError *error);

/* OPTIONS: Allow (options.c); the OpenAPI document (openapi.c). Status, fields and body. */
void answer_options(const RestPlan *plan, RestAnswer *answer);
void answer_root(const RestPlan *plan, const RestResult *result, RestAnswer *answer);

#endif
