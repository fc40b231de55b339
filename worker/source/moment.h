/*
 * source/moment.h
 *	  Times and lengths as lists and feeds write them.
 */
#ifndef LEAP_SOURCE_MOMENT_H
#define LEAP_SOURCE_MOMENT_H

/* Seconds since 1970 of "2026-03-01", "2026-03-01T10:00[:00[.5]][Z|+03:00]", "Sun, 01 Mar 2026
 * 10:00[:00] [GMT|+0300|EST]"; without a zone UTC. -1 for anything else, also for what lies
 * before 1970 or after 2099. */
double moment_read(const char *text);

/* Seconds of "3600", "3600.5", "60:00", "1:00:00", "PT1H30M5S"; -1 for anything else. */
double moment_read_length(const char *text);

#endif
