/*
 * gate/process.h
 *	  One process of a server: a loop over its clients, its connections and its signals.
 */
#ifndef LEAP_GATE_PROCESS_H
#define LEAP_GATE_PROCESS_H

#include <stdatomic.h>

#include "gate/counters.h"
#include "gate/limit.h"
#include "gate/settings.h"

typedef struct ProcessStart
{
	const GateSettings *settings;
	Limits *limits;
	Counters *counters;
	CounterPlace *place; /* of this process */
	int listen_fd;
	bool
		others; /* who can answer meanwhile: clients are left to them until this one can */
	_Atomic int *ready; /* shared: becomes 1 when requests can be answered */
} ProcessStart;

/* Serves until SIGTERM, then ends what is under way. The exit status of the process. */
int process_run(const ProcessStart *start);

#endif
