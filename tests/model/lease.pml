/*
 * tests/model/lease.pml
 *	  One task between two workers, a rescuer and a server that crashes, for spin: a model of
 *	  claim, complete, rescue and cancel.
 *
 * Each transaction is one atomic step. Claims commit asynchronously: others see them at once,
 * a crash may undo them. All else commits synchronously, and whatever was seen before becomes
 * safe with it. Any answer may be lost on its way; then the worker asks again, as after an
 * ambiguous COMMIT, or does not know of its lease. A worker may be taken for dead while it lives.
 *
 * What is checked: a result is taken only from the claim whose lease it is (no stale write); what
 * was acknowledged stays; two claims never both have their result taken; a lease belongs to a
 * running task; and in the end, the mishaps being finite, the task ends.
 *
 * Variants, each of which has to be found wrong:
 *	  -DSEQUENCE      fences come from a sequence, which a crash sets back
 *	  -DASYNCHRONOUS  completions commit like claims
 *	  -DUNFENCED      a result is taken from whoever has the task's number
 */
#define WORKERS 2
#ifndef MISHAPS
#define MISHAPS 3 /* crashes, deaths, false alarms and lost answers in all */
#endif

mtype = { ready, running, succeeded, cancelled };

/* The store: what sessions see, and what a crash leaves. `claim` numbers claims for the checks
 * alone: the store does not compare it. */
typedef Store
{
	mtype state;
	byte lease;	 /* fence of the lease, 0: there is none */
	byte fence;	 /* the task's last fence */
	byte claim;	 /* of which claim the lease is */
	byte result; /* of which claim the result is, 0: there is none */
	byte next;	 /* the next fence of a sequence */
};

Store seen, safe;
byte claims;	   /* how many there were: also the next random fence, which never comes back */
byte mishaps;
byte acknowledged; /* the claim whose result a worker knows to be stored */
bool knows[WORKERS];  /* the worker has a lease, or had one */
byte fence[WORKERS];
byte claim[WORKERS];

#define ended (seen.state == succeeded || seen.state == cancelled)
#define mishap (mishaps < MISHAPS)

inline copy(to, from)
{
	to.state = from.state;
	to.lease = from.lease;
	to.fence = from.fence;
	to.claim = from.claim;
	to.result = from.result;
	to.next = from.next;
}

inline check()
{
	assert((seen.lease != 0) == (seen.state == running));
	assert((seen.result != 0) == (seen.state == succeeded));
	assert(acknowledged == 0 || seen.result == acknowledged);
}

inline take_result(w)
{
	if
#ifdef UNFENCED
	:: seen.state == running ->
#else
	:: seen.state == running && seen.lease == fence[w] ->
#endif
		assert(seen.claim == claim[w]); /* no stale write */
		assert(seen.result == 0);
		seen.state = succeeded;
		seen.lease = 0;
		seen.result = claim[w];
		told = true;
	:: else ->
		told = seen.state == succeeded && seen.fence == fence[w]; /* stored before */
	fi
#ifndef ASYNCHRONOUS
	copy(safe, seen);
#endif
}

proctype Worker(byte w)
{
	bool told;

	do
	:: atomic { !knows[w] && seen.state == ready ->
			claims++;
#ifdef SEQUENCE
			seen.lease = seen.next;
			seen.next++;
#else
			seen.lease = claims;
#endif
			seen.fence = seen.lease;
			seen.claim = claims;
			seen.state = running;
			check();
			if
			:: knows[w] = true; fence[w] = seen.fence; claim[w] = claims
			:: mishap -> mishaps++ /* the answer is lost */
			fi }
	:: atomic { knows[w] ->
			take_result(w);
			if
			:: mishap -> mishaps++ /* the answer is lost: it asks again */
			:: if
			   :: told -> acknowledged = claim[w]
			   :: else
			   fi;
			   knows[w] = false; fence[w] = 0; claim[w] = 0
			fi;
			told = false;
			check() }
	:: atomic { knows[w] && mishap -> /* it dies, and another one is started */
			mishaps++;
			knows[w] = false; fence[w] = 0; claim[w] = 0 }
	:: ended && !knows[w] -> break
	od
}

#define abandoned (!(knows[0] && claim[0] == seen.claim) && !(knows[1] && claim[1] == seen.claim))

proctype Rescuer()
{
	do
	:: atomic { seen.lease != 0 && (abandoned || mishap) ->
			if
			:: abandoned
			:: !abandoned && mishap -> mishaps++ /* it was only slow */
			fi;
			seen.state = ready;
			seen.lease = 0;
			seen.claim = 0;
			copy(safe, seen);
			check() }
	:: ended -> break
	od
}

proctype Person()
{
	if
	:: atomic { (seen.state == ready || seen.state == running) && mishap ->
			mishaps++;
			seen.state = cancelled;
			seen.lease = 0;
			copy(safe, seen);
			check() }
	:: true
	fi
}

/* The server writes out what it likes, and crashes. */
proctype Server()
{
	do
	:: atomic { !ended && seen.state != safe.state -> copy(safe, seen) }
	:: atomic { mishap -> mishaps++; copy(seen, safe); check() }
	:: ended -> break
	od
}

init
{
	atomic
	{
		seen.state = ready;
		seen.next = 1;
		copy(safe, seen);
		run Worker(0);
		run Worker(1);
		run Rescuer();
		run Person();
		run Server()
	}
}

ltl ends { <> (ended) }
