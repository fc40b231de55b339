/*
 * base/exit_code.h
 *	  What the exit status of `leap` tells a script.
 */
#ifndef LEAP_BASE_EXIT_CODE_H
#define LEAP_BASE_EXIT_CODE_H

#include <stddef.h>

typedef enum ExitCode
{
	EXIT_DONE = 0,
	EXIT_FAILED = 1,       /* it was tried and did not work */
	EXIT_USAGE = 2,        /* a wrong option, value or argument */
	EXIT_NOT_FOUND = 3,    /* no such recording, user, command's object */
	EXIT_REFUSED = 4,      /* the state or a quota forbids it */
	EXIT_UNREACHABLE = 5,  /* no connection to the database */
	EXIT_PARTIAL = 6,      /* some of several things worked */
	EXIT_INTERRUPTED = 130 /* a person stopped it; as shells say for SIGINT */
} ExitCode;

/* What each says, for people. */
typedef struct ExitMeaning
{
	ExitCode code;
	const char *meaning;
} ExitMeaning;

extern const ExitMeaning exit_meanings[];
extern const size_t exit_meaning_count;

#endif
