/*
 * base/clock.h
 *	  Durations. A worker never sends a time of day: only the database's clock counts.
 */
#ifndef LEAP_BASE_CLOCK_H
#define LEAP_BASE_CLOCK_H

/* Seconds of a clock that never jumps; only differences mean anything. */
double clock_seconds(void);

/* The pause before try number `attempt` (1, 2, ...): doubles from base up to cap seconds,
 * half of it random, so that many workers do not return in the same instant. */
double clock_backoff(int attempt, double base, double cap);

/* seconds, changed by at most ±share of itself. */
double clock_jitter(double seconds, double share);

#endif
