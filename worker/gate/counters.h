/*
 * gate/counters.h
 *	  What the processes of a server count, in memory that they share with whoever tells it.
 *
 * Each adds by itself and nobody locks; who reads may see numbers of two moments.
 */
#ifndef LEAP_GATE_COUNTERS_H
#define LEAP_GATE_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/error.h"
#include "http/exchange.h"
#include "http/metrics.h"

#define COUNTER_PLACES 160 /* of processes: two generations, and some that end */

/* How a process is now. */
typedef struct CounterPlace
{
	_Atomic int64_t pid;       /* 0: nobody is here */
	_Atomic int64_t turned_ms; /* clock_seconds() * 1000 of the last turn of its loop */
	_Atomic int64_t clients;
	_Atomic int64_t streams;
	_Atomic int64_t connections; /* to the database, that are up */
	_Atomic int64_t waiting;     /* requests, for one of them */
} CounterPlace;

typedef struct Counters Counters;

/* Memory for all processes forked from now on. */
bool counters_share(Counters **counters, Error *err);

/* An exchange is over; status 0: the client went away. */
void counters_add(Counters *counters, const Exchange *exchange, int status,
				  double seconds);

CounterPlace *counters_place(Counters *counters, size_t place);

MetricsSource counters_source(const Counters *counters);

#endif
