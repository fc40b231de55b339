/*
 * task/pool.h
 *	  The children of a worker: starting, listening to, ending them.
 *
 * A slot holds one claimed task from the claim until its outcome is reported. The pool
 * knows processes and the control channel; what the database is told and when is decided
 * in task/desk.c.
 */
#ifndef LEAP_TASK_POOL_H
#define LEAP_TASK_POOL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cjson/cJSON.h>

#include "base/log.h"
#include "base/sealed.h"
#include "task/control.h"
#include "task/work_folder.h"

typedef enum SlotState
{
	SLOT_FREE,
	SLOT_RUNNING,  /* the child lives */
	SLOT_ENDED,    /* the outcome waits to be reported */
	SLOT_REPORTING /* it was sent, the answer is not there */
} SlotState;

typedef enum SlotFate
{
	FATE_OPEN,    /* still running and wanted */
	FATE_DONE,    /* outcome is the result */
	FATE_FAILED,  /* outcome is the error */
	FATE_LOST,    /* the lease is gone: nothing to report */
	FATE_RETURNED /* to be handed back */
} SlotFate;

typedef enum QuestionKind
{
	QUESTION_NONE,
	QUESTION_CONFIRM,
	QUESTION_CHECKPOINT,
	QUESTION_RENEW, /* a newer token */
	QUESTION_STORE  /* what a platform gave */
} QuestionKind;

/* A child asks one thing at a time and waits for the answer. */
typedef struct Question
{
	QuestionKind kind;
	int64_t seq;
	cJSON *state; /* of a checkpoint; what is to be stored, a secret */
	bool sent;    /* to the database */
} Question;

typedef struct PoolSettings
{
	const char *storage; /* absolute folders; that of a storage elsewhere is its spool */
	const cJSON *storage_settings; /* storage/settings.h, a secret; NULL = the folder */
	const char *library;
	const char *library_url; /* "" = it is not served */
	const char *media_program;
	const char *site_program; /* yt-dlp; "" = none */
	const cJSON *mail; /* net/mail_settings.h; NULL = none. Only told to who sends mail */
	const cJSON
		*keys; /* net/provider_keys.h; NULL = none. Told to who asks those providers */
	SealedKeys *credential_keys; /* NULL = none */
	const cJSON *network;        /* net/network.h; NULL = nothing special */
	bool allow_private_addresses;
	int threads;
	double media_seconds; /* of one run of leap-media; 0 = by its input */
	char database[40];    /* its id, from the time it is known */
} PoolSettings;

typedef struct Slot
{
	SlotState state;
	SlotFate fate;
	uint64_t serial; /* tells the uses of one slot apart */
	char task[24];
	char fence[24];
	char kind[32];
	char queue[24];
	char recording[40];
	int attempt;
	LogIds ids; /* what messages about it name */
	pid_t pid;
	Control control;
	double started_at; /* clock_seconds(), as all times here */
	double deadline;   /* later the child is ended as stuck */
	double kill_at;    /* SIGKILL when it lives on; 0 = nobody asked it to end */
	double report_at;  /* the next try to report */
	int report_tries;
	bool report_alone; /* a batch with it was refused */
	double progress;   /* 0..1 */
	char step[64];
	bool progress_new; /* not told to the database yet */
	Question question;
	cJSON *seal_to; /* {"key_id","public_key"} for what a platform gave */
	double
		renew_until; /* till then it may hold the only copy of a token; 0 = it does not */
	cJSON *outcome;  /* of FATE_DONE and FATE_FAILED */
	WorkFolder work;
	bool cancelled; /* what it began elsewhere goes too: */
	cJSON *made;
	const PoolSettings *settings;
} Slot;

typedef struct Pool
{
	PoolSettings settings;
	Slot *slots;
	size_t count;    /* of the array; more than the worker ever claims at once */
	uint64_t serial; /* of the newest slot */
	uint64_t died;   /* children that ended without a result */
} Pool;

/* A row of claim(); the texts may go away after the call. */
typedef struct Claim
{
	const char *task;
	const char *fence;
	const char *kind;
	const char *queue;
	int attempt;
	double deadline_seconds;
	const char *input; /* JSON */
} Claim;

void pool_init(Pool *pool, const PoolSettings *settings, size_t count);
void pool_free(Pool *pool);

/* How many slots are in this state. */
size_t pool_in_state(const Pool *pool, SlotState state);

/* Occupies a slot and starts the child; when that fails the slot is ended with the error
 * as outcome. NULL: no slot is free. */
Slot *pool_start(Pool *pool, const Claim *claim);

/* Occupies a slot that is ended at once with this fate: for what must not run. */
Slot *pool_decline(Pool *pool, const Claim *claim, SlotFate fate);

/* Asks a child to end: SIGTERM now, SIGKILL a second later. Its own outcome, if it still
 * sends one, counts more than `fate` unless the lease is lost. */
void slot_stop(Slot *slot, SlotFate fate);

/* The same for a task nobody wants any more: SIGKILL follows soon, and what the child has
 * begun is removed with it; so is the result of one that has ended and was not reported. */
void slot_cancel(Slot *slot);

/* Answers the open question. */
void slot_answer(Slot *slot, bool ok);

/* The same with more than yes or no; the answer stays the caller's. */
void slot_answer_with(Slot *slot, const cJSON *answer);

/* Makes the slot free again. */
void slot_release(Slot *slot);

/* One entry for each slot, negative fd = nothing to poll for. */
void pool_want(const Pool *pool, struct pollfd *fds, double *latest);

/* Reads and writes the control channels, takes the dead children, enforces deadlines. */
void pool_work(Pool *pool);

#endif
