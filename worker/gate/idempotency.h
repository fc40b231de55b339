/*
 * gate/idempotency.h
 *	  Requests with an Idempotency-Key: carried out once, answered as often as they are sent.
 */
#ifndef LEAP_GATE_IDEMPOTENCY_H
#define LEAP_GATE_IDEMPOTENCY_H

#include "gate/request.h"

/* Reads the key of a POST that writes, for a caller who is known, into request->key. False: it
 * is no key, and that has been answered. */
bool idempotency_read(Request *request);

/* Says what the request brought, where that is not the collected body of its exchange: part of
 * what makes it the same request. */
void idempotency_say_content(Request *request, const char *content);

/* Answers as before when the request was answered before, else calls `carry_out`. */
void idempotency_look(Request *request, void (*carry_out)(Request *request));

/* The statement with which the transaction of the request claims its key. */
DbPoolStatement idempotency_claim(Request *request);

/* Whether a twin was faster, so that the request has to look again: then it does. */
bool idempotency_lost(Request *request, const DbPoolOutcome *outcome,
					  void (*carry_out)(Request *request));

/* Keeps request->answer and commits. */
void idempotency_commit(Request *request, DbPoolAnswer committed);

#endif
