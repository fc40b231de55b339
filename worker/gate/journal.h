/*
 * gate/journal.h
 *	  What is kept of a request: its name, a line in the log, a number.
 */
#ifndef LEAP_GATE_JOURNAL_H
#define LEAP_GATE_JOURNAL_H

#include "http/exchange.h"

/* Names the exchange: the client's X-Request-Id if that is 1 to 64 of the characters A-Z a-z 0-9
 * . _ -, else one made up. */
void journal_begin(Exchange *exchange);

/* The exchange is over, as Service.over; arg is the Gate. */
void journal_over(void *arg, const Exchange *exchange, int status, double seconds);

/* The shape of a path: what is a number or an id becomes {id}, what is no plain word {value}.
 * Cut where `shape` ends. */
void journal_shape(Slice path, char *shape, size_t size);

#endif
