/*
 * tests/model/limit.pml
 *	  A user with a limit of one task at a time and three claimers, for spin.
 *
 * A claim takes the user's lane (or skips it), reads a snapshot of his leases, and adds its lease
 * if there is room; others see it, and the lane is free, from the commit on. Between the steps
 * anything may happen: that is why counting comes after locking, in a statement of its own.
 *
 * What is checked: never more leases than the limit; no claimer waits for ever.
 *
 * Variants, each of which has to be found wrong:
 *	  -DSNAPSHOT_FIRST  the snapshot is older than the lock: one statement does both, or the
 *	                    transaction is REPEATABLE READ
 *	  -DUNLOCKED        nobody locks the lane
 *	  -DEARLY_UNLOCK    the lane is free before the commit
 */
#define CLAIMERS 3
#define LIMIT	 1

byte leases; /* that are committed */
bool locked;
byte done;

proctype Claimer()
{
	byte counted;
	byte rounds;

	do
	:: rounds < 2 ->
		rounds++;
#ifdef SNAPSHOT_FIRST
		counted = leases;
#endif
#ifndef UNLOCKED
		if
		:: atomic { !locked -> locked = true }
		:: locked -> goto skipped /* a try-lock: somebody else serves this user */
		fi;
#endif
#ifndef SNAPSHOT_FIRST
		counted = leases;
#endif
#ifdef EARLY_UNLOCK
		locked = false;
#endif
		if
		:: counted < LIMIT ->
			d_step { leases++; assert(leases <= LIMIT); locked = false } /* commit */
			leases-- /* the task ends */
		:: else ->
			locked = false
		fi;
	skipped:
		skip
	:: rounds == 2 -> break
	od;
	done++
}

init
{
	atomic
	{
		run Claimer();
		run Claimer();
		run Claimer()
	}
}

ltl ends { <> (done == CLAIMERS) }
