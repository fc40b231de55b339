/*
 * task/teller.h
 *	  Tells the analyser of a file that is still being fetched what of it is there, and takes
 *	  what it wants next (docs/protocol.md, section 3).
 *
 * Nothing here waits: an analyser that does not listen must not hold up the download. What
 * cannot be said now is said by the next teller_tell().
 */
#ifndef LEAP_TASK_TELLER_H
#define LEAP_TASK_TELLER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/ranges.h"

typedef struct Teller
{
	int fd; /* our end of the socket; -1 = there is none, or nobody at the other one */
	int64_t size; /* of the file; -1 = not known */
	int64_t head; /* bytes that are there from the beginning on */
	Ranges ahead; /* ... and behind that */
	bool all;     /* the file is complete */
	int64_t size_told;
	int64_t head_told;
	bool ahead_told;
	bool end_told;
	int64_t wanted; /* what the analyser asked for last; -1 = nothing */
} Teller;

/* Nobody is told yet. */
void teller_init(Teller *teller);

/* Makes the socket; theirs is the analyser's end of it. */
bool teller_open(Teller *teller, int *theirs, Error *err);

/* These bytes of a file of that size (-1 = not known) are there. */
void teller_there(Teller *teller, int64_t from, int64_t to, int64_t size);

/* Says what is new, and listens; true when all is said, to the end of the file. */
bool teller_tell(Teller *teller);
void teller_close(Teller *teller);

#endif
