/*
 * base/vitals.h
 *	  What a worker shows of itself to another process: a page of numbers both have.
 *
 * The worker writes and never waits; whoever reads may see numbers of two turns.
 */
#ifndef LEAP_BASE_VITALS_H
#define LEAP_BASE_VITALS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct Vitals
{
	_Atomic int64_t pid;
	_Atomic int64_t turned_ms;   /* clock_seconds() * 1000 of the last turn of its loop */
	_Atomic int64_t connected;   /* 1: registered at the database */
	_Atomic int64_t connections; /* how often it registered */
	_Atomic int64_t slots;       /* tasks it runs at the same time at most */
	_Atomic int64_t children;    /* that run now */
	_Atomic int64_t started;     /* children, since its start */
	_Atomic int64_t died;        /* of those, without a result */
} Vitals;

/* A page shared with every process forked from now on; lives as long as they do. */
bool vitals_share(Vitals **vitals, Error *err);

#endif
