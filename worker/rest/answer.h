/*
 * rest/answer.h
 *	  From the columns of the statement, or from an error, to an HTTP answer.
 */
#ifndef LEAP_REST_ANSWER_H
#define LEAP_REST_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "rest/error.h"
#include "rest/plan.h"

typedef struct RestResult
{
	Slice columns[REST_COLUMNS]; /* at == NULL: null */
	Slice estimate;              /* what plan->count answered, at == NULL: nothing */
} RestResult;

typedef struct RestAnswer
{
	int status;
	const char *reason; /* NULL = that of the status */
	Buffer fields;      /* "Name: value\r\n"..., without Content-Length */
	Slice body;         /* points into the result, or into `own` */
	Buffer own;
} RestAnswer;

/*
 * Makes the answer. `result` is NULL for a plan without a statement. What can only be known
 * from the result and must undo the transaction (no such page, more than one row) is answered
 * as an error here: then *undo becomes true, and the caller rolls back.
 */
void rest_answer(const RestPlan *plan, const RestResult *result, RestAnswer *answer,
				 bool *undo);

/* The same for an error; `bearer`: what WWW-Authenticate says with 401, NULL = "Bearer". */
void rest_error_answer(const RestError *error, RestAnswer *answer);

void rest_answer_free(RestAnswer *answer);

#endif
