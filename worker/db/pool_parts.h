/*
 * db/pool_parts.h
 *	  What the files of the pool share: nobody else includes it.
 */
#ifndef LEAP_DB_POOL_PARTS_H
#define LEAP_DB_POOL_PARTS_H

#include <stdint.h>

#include <libpq-fe.h>

#include "db/pool.h"

/* So many statements a connection has prepared at most. */
#define POOL_PREPARED 128

typedef struct Prepared
{
	char *sql; /* NULL: free */
	uint64_t hash;
	uint64_t used;   /* when, in jobs of the connection */
	unsigned number; /* makes its name */
	bool ready;      /* the server has it */
	bool sent;       /* in the job under way */
} Prepared;

struct DbPoolJob
{
	DbPool *pool;
	struct Slot *slot; /* NULL: waits */
	DbPoolStatement statements[POOL_MOST_STATEMENTS];
	size_t count;
	bool hold;
	size_t end_count;    /* of statements, once it is finishing: how it ends */
	bool finishing;      /* db_pool_finish() was called */
	bool held;           /* answered, waits for db_pool_finish() */
	bool tried;          /* again, after statements had to be prepared anew */
	bool remains;        /* the first try may have left a transaction */
	DbPoolAnswer answer; /* NULL: dropped */
	void *arg;
	double since;
	DbPoolEnd refusal; /* of a job in the list of refused ones */
	PGresult *rows[POOL_MOST_STATEMENTS];
	PGresult *error;
	DbPoolJob *next;
};

typedef enum SlotState
{
	SLOT_WAITING, /* for the time of the next try */
	SLOT_CONNECTING,
	SLOT_IDLE,
	SLOT_BUSY
} SlotState;

/* What a result that comes belongs to. */
typedef struct Expected
{
	enum
	{
		EXPECT_NOTHING, /* an order whose result nobody wants */
		EXPECT_PREPARED,
		EXPECT_ROWS
	} kind;
	size_t index; /* of the prepared statement, or of the job's statement */
} Expected;

/* Of each statement: another one that goes, its own preparation, its rows; and two orders. */
#define MOST_EXPECTED (3 * POOL_MOST_STATEMENTS + 2)

typedef struct Slot
{
	DbPool *pool;
	PGconn *connection;
	void *watch;
	SlotState state;
	PostgresPollingStatusType connecting;
	int failures;
	double deadline; /* of the wait or of the connecting */
	DbPoolJob *job;
	Prepared prepared[POOL_PREPARED];
	unsigned numbers;
	uint64_t jobs;
	Expected expected[MOST_EXPECTED];
	size_t expected_count;
	size_t expected_at;
	bool got; /* a result of expected_at */
	int syncs;
	bool stale;      /* what is prepared must be prepared again */
	bool broken;     /* could not be written to */
	bool to_cancel;  /* nobody wants what its job does: the order has not been sent yet */
	bool cancelling; /* the order to cancel is under way: no other job meanwhile */
	char pid[16];    /* what the order says */
	const char *cancel_values[1];
} Slot;

struct DbPool
{
	DbPoolSettings settings;
	DbPoolHost host;
	Slot *slots; /* the last one cancels */
	size_t slot_count;
	DbPoolJob *first; /* waiting for a slot */
	DbPoolJob *last;
	size_t waiting;
	DbPoolJob *refused; /* to be answered by db_pool_work() */
};

/* pool_slot.c: the connection of a slot. */
void slot_work(Slot *slot, double now);
void slot_send(Slot *slot, DbPoolJob *job);
void slot_lose(Slot *slot);

/* pool_prepared.c: finds the statement or makes room for it; *evicted is the number of the one
 * that had to go, 0 = none. */
Prepared *prepared_of(Slot *slot, const char *sql, unsigned *evicted);
void prepared_forget_all(Slot *slot);
void prepared_name(const Prepared *prepared, char name[16]);

/* pool.c: the job of the slot is over, or the connection was lost with it. */
void db_pool_job_over(Slot *slot, bool lost);
void db_pool_dispatch(DbPool *pool);

/* pool_cancel.c: has the job of the slot cancelled, at once or in its turn; sends the next such
 * order if it can go. */
void pool_cancel(Slot *slot);
void pool_send_cancels(DbPool *pool);

#endif
