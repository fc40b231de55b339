/*
 * rest/invoke.h
 *	  A function called by the names of its arguments, for requests whose path is not the
 *	  protocol's own.
 */
#ifndef LEAP_REST_INVOKE_H
#define LEAP_REST_INVOKE_H

#include "rest/plan.h"

/* What was said of the arguments of a call, for errors that come later. */
typedef struct Invoked
{
	const char *said; /* as in RestInvocation */
	const Function *function;
	const QueryPair *pairs;
	size_t pair_count;
	Slice body; /* JSON; empty: none */
} Invoked;

typedef struct RestInvocation
{
	const char *said;       /* the request in words, for errors: "POST /things/{id}" */
	const char *function;   /* of the first exposed schema */
	const QueryPair *pairs; /* arguments; those of an array may come several times */
	size_t pair_count;
	const char *
		body_argument; /* the one that the whole body is; NULL: its members are some. One of
							type text takes a body of text so, and is a member of JSON */
	Slice body;        /* JSON, a form or a text; empty: none */
	Slice content_type;
	Slice prefer;
	Slice accept;   /* empty: anything */
	bool read_only; /* the body does not count */
	bool head;
	int status; /* of success; 0 = 200, or 204 of a function that answers nothing */
} RestInvocation;

/*
 * Plans the call; release *plan as after rest_plan(). Arguments that the function does not
 * have, that it needs, or that are said twice are LP030. What a function answers as text, or as
 * a domain that is a media type, is sent as it is, everything else as JSON; who accepts nothing
 * of that gets PGRST107.
 */
bool rest_plan_invocation(const Schema *schema, const RestConfig *config,
						  const RestInvocation *invocation, RestPlan *plan,
						  RestError *error);

/*
 * An error of the database about the form of a value becomes LP030 (422), which names the
 * argument that has it, the value, and in the hint what it takes. Others stay as they are, and
 * so does one whose value is not among those that were sent.
 */
void rest_explain_argument(Arena *arena, const Invoked *invoked, RestError *error);

#endif
