/*
 * task/pool.c
 *	  The children of a worker: starting, ending, burying them.
 */
#include "task/pool.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "base/process.h"
#include "net/provider_keys.h"
#include "task/credential_box.h"
#include "task/leftover.h"
#include "task/pool_line.h"

/* between SIGTERM and SIGKILL */
#define KILL_SECONDS 1.0
/* the same for what is cancelled: gone within a second, also when no notification comes */
#define CANCEL_SECONDS 0.2
/* a child that reported its outcome, or cannot any more, has nothing left to do */
#define EXIT_SECONDS 5.0

void
pool_init(Pool *pool, const PoolSettings *settings, size_t count)
{
	memset(pool, 0, sizeof *pool);
	pool->settings = *settings;
	pool->slots = calloc(count, sizeof *pool->slots);
	if (pool->slots == NULL)
	{
		fputs("out of memory\n", stderr);
		abort();
	}
	pool->count = count;
}

void
pool_free(Pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		slot_release(&pool->slots[i]);
	free(pool->slots);
	pool->slots = NULL;
	pool->count = 0;
}

size_t
pool_in_state(const Pool *pool, SlotState state)
{
	size_t count = 0;

	for (size_t i = 0; i < pool->count; i++)
		count += pool->slots[i].state == state;
	return count;
}

/* Fills a free slot with what the claim says. */
static Slot *
occupy(Pool *pool, const Claim *claim, const cJSON *input)
{
	Slot *slot = NULL;

	for (size_t i = 0; i < pool->count && slot == NULL; i++)
		if (pool->slots[i].state == SLOT_FREE)
			slot = &pool->slots[i];
	if (slot == NULL)
		return NULL;
	memset(slot, 0, sizeof *slot);
	control_init(&slot->control, -1);
	slot->work.lock = -1;
	slot->settings = &pool->settings;
	slot->serial = ++pool->serial;
	slot->attempt = claim->attempt;
	slot->pid = -1;
	slot->started_at = clock_seconds();
	slot->deadline = slot->started_at + claim->deadline_seconds;
	snprintf(slot->task, sizeof slot->task, "%s", claim->task);
	snprintf(slot->fence, sizeof slot->fence, "%s", claim->fence);
	snprintf(slot->kind, sizeof slot->kind, "%s", claim->kind);
	snprintf(slot->queue, sizeof slot->queue, "%s", claim->queue);
	snprintf(slot->recording, sizeof slot->recording, "%s",
			 json_text(input, "recording.id", "-"));
	slot->ids.attempt = claim->attempt;
	snprintf(slot->ids.task, sizeof slot->ids.task, "%s", claim->task);
	snprintf(slot->ids.run, sizeof slot->ids.run, "%s", json_text(input, "run", ""));
	snprintf(slot->ids.recording, sizeof slot->ids.recording, "%s",
			 json_text(input, "recording.id", ""));
	snprintf(slot->ids.correlation, sizeof slot->ids.correlation, "%s",
			 json_text(input, "correlation_id", ""));
	return slot;
}

static void
end_with_error(Slot *slot, const Error *err)
{
	slot->state = SLOT_ENDED;
	slot->fate = FATE_FAILED;
	cJSON_Delete(slot->outcome);
	slot->outcome = json_of_error(err);
}

/* Sends the first line of the control channel; takes input and the credential over. */
static void
assign(Pool *pool, Slot *slot, cJSON *input, cJSON *credential)
{
	CLEANUP(secret) cJSON *line = cJSON_CreateObject();
	cJSON *settings = cJSON_AddObjectToObject(line, "settings");
	char log[LOG_DESCRIPTION_SIZE];
	cJSON *keys;

	(void) log_describe(&slot->ids, log, sizeof log);
	cJSON_AddStringToObject(settings, "log", log);
	cJSON_AddStringToObject(line, "task", slot->task);
	cJSON_AddStringToObject(line, "kind", slot->kind);
	cJSON_AddNumberToObject(line, "attempt", slot->attempt);
	cJSON_AddItemToObject(line, "input", input);
	cJSON_AddItemToObject(settings, "storage",
						  pool->settings.storage_settings != NULL
							  ? cJSON_Duplicate(pool->settings.storage_settings, true)
							  : cJSON_CreateString(pool->settings.storage));
	cJSON_AddStringToObject(settings, "database", pool->settings.database);
	cJSON_AddStringToObject(settings, "library", pool->settings.library);
	cJSON_AddStringToObject(settings, "library_url", pool->settings.library_url);
	cJSON_AddStringToObject(settings, "media_program", pool->settings.media_program);
	cJSON_AddStringToObject(settings, "site_program", pool->settings.site_program);
	cJSON_AddStringToObject(settings, "work", slot->work.path);
	cJSON_AddBoolToObject(settings, "allow_private_addresses",
						  pool->settings.allow_private_addresses);
	cJSON_AddNumberToObject(settings, "threads", pool->settings.threads);
	cJSON_AddNumberToObject(settings, "media_seconds", pool->settings.media_seconds);
	if (pool->settings.mail != NULL && strcmp(slot->kind, "notify") == 0)
		cJSON_AddItemToObject(settings, "mail",
							  cJSON_Duplicate(pool->settings.mail, true));
	keys = provider_keys_of(pool->settings.keys, input);
	if (keys != NULL)
		cJSON_AddItemToObject(settings, "keys", keys);
	if (credential != NULL)
		cJSON_AddItemToObject(settings, "credential", credential);
	if (pool->settings.network != NULL)
		cJSON_AddItemToObject(settings, "network",
							  cJSON_Duplicate(pool->settings.network, true));
	control_put(&slot->control, line);
	control_send(&slot->control);
}

static bool
start_child(Pool *pool, Slot *slot, Error *err)
{
	static const char *const arguments[] = {"leap", "child", NULL};
	int pair[2];

	if (!work_folder_make(pool->settings.storage, slot->task, &slot->work, err))
		return false;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_errno(err, "process_start", "cannot make a socket pair");
	slot->control.fd = pair[0];
	CLEANUP(close) int theirs = pair[1];
	ProcessFd fds[4];

	fds[0] = (ProcessFd){STDERR_FILENO, 1};
	fds[1] = (ProcessFd){STDERR_FILENO, 2};
	fds[2] = (ProcessFd){theirs, 3};
	fds[3] = (ProcessFd){slot->work.lock, 4}; /* locked as long as one of us lives */
	return process_spawn(path_to_run_again(), arguments, fds, 4, &slot->pid, err);
}

Slot *
pool_start(Pool *pool, const Claim *claim)
{
	Error err = {0};
	CLEANUP(secret) cJSON *input = NULL;
	CLEANUP(secret) cJSON *credential = NULL;
	bool ok =
		json_parse(claim->input, strlen(claim->input), "the task's input", &input, &err);
	Slot *slot = occupy(pool, claim, input);

	if (slot == NULL)
		return NULL;
	slot->state = SLOT_RUNNING;
	if (!ok ||
		!credential_box_open(pool->settings.credential_keys, input, &credential, &err) ||
		!start_child(pool, slot, &err))
	{
		end_with_error(slot, &err);
		return slot;
	}
	slot->seal_to = cJSON_Duplicate(json_at(input, "seal_to"), true);
	assign(pool, slot, input, credential);
	input = credential = NULL;
	return slot;
}

Slot *
pool_decline(Pool *pool, const Claim *claim, SlotFate fate)
{
	Slot *slot = occupy(pool, claim, NULL);

	if (slot != NULL)
	{
		slot->state = SLOT_ENDED;
		slot->fate = fate;
	}
	return slot;
}

void
slot_stop(Slot *slot, SlotFate fate)
{
	if (slot->state != SLOT_RUNNING)
		return;
	if (slot->fate == FATE_OPEN || fate == FATE_LOST)
		slot->fate = fate;
	if (slot->kill_at > 0)
		return;
	process_signal_group(slot->pid, SIGTERM);
	slot->kill_at = fmax(clock_seconds() + KILL_SECONDS, slot->renew_until);
}

void
slot_cancel(Slot *slot)
{
	if (slot->state != SLOT_RUNNING && slot->state != SLOT_ENDED)
		return;
	slot->cancelled = true;
	slot->fate = FATE_LOST;
	if (slot->state == SLOT_ENDED)
		return; /* what it made is not reported */
	slot_stop(slot, FATE_LOST);
	slot->kill_at =
		fmin(slot->kill_at, fmax(clock_seconds() + CANCEL_SECONDS, slot->renew_until));
}

void
slot_release(Slot *slot)
{
	if (slot->state == SLOT_FREE)
		return;
	if (slot->pid > 0)
	{
		process_signal_group(slot->pid, SIGKILL);
		while (waitpid(slot->pid, NULL, 0) < 0 && errno == EINTR)
			;
		leftover_remove_unnamed(slot->made, slot->settings->storage,
								slot->settings->storage_settings);
	}
	if (slot->cancelled)
		leftover_remove(slot->made, slot->settings->storage,
						slot->settings->storage_settings, slot->settings->library);
	work_folder_remove(&slot->work);
	control_close(&slot->control);
	cJSON_Delete(slot->made);
	sealed_forget(slot->question.state);
	cJSON_Delete(slot->seal_to);
	cJSON_Delete(slot->outcome);
	memset(slot, 0, sizeof *slot);
	slot->state = SLOT_FREE;
	slot->pid = -1;
	slot->control.fd = -1;
	slot->work.lock = -1;
}

void
pool_want(const Pool *pool, struct pollfd *fds, double *latest)
{
	for (size_t i = 0; i < pool->count; i++)
	{
		const Slot *slot = &pool->slots[i];

		fds[i] = (struct pollfd){.fd = -1};
		if (slot->state != SLOT_RUNNING)
			continue;
		if (!slot->control.ended)
		{
			fds[i].fd = slot->control.fd;
			fds[i].events =
				(short) (POLLIN | (slot->control.out.length > 0 ? POLLOUT : 0));
		}
		*latest = fmin(*latest, slot->deadline);
		if (slot->kill_at > 0)
			*latest = fmin(*latest, slot->kill_at);
	}
}

/* A dead child: what it said last is its outcome. True if it said nothing. */
static bool
bury(Slot *slot, int status)
{
	Error err;
	char how[96];

	/* whatever it started dies with its group */
	process_signal_group(slot->pid, SIGKILL);
	slot->pid = -1;
	control_receive(&slot->control);
	slot_read_lines(slot);
	slot->state = SLOT_ENDED;
	slot->kill_at = 0;
	/* it may have been killed before it could clean up */
	if (slot->fate != FATE_DONE)
		leftover_remove_unnamed(slot->made, slot->settings->storage,
								slot->settings->storage_settings);
	if (slot->fate != FATE_OPEN)
		return false;
	process_describe_status(status, how, sizeof how);
	(void) error_set(&err, ERROR_TRANSIENT, "child_died",
					 "The worker's log holds what the process printed.",
					 "the process of this task ended by %s without a result", how);
	end_with_error(slot, &err);
	return true;
}

static void
enforce_deadline(Slot *slot, double now)
{
	Error err;

	if (slot->kill_at > 0 && now >= slot->kill_at)
	{
		process_signal_group(slot->pid, SIGKILL);
		slot->kill_at = now + KILL_SECONDS;
	}
	if (slot->fate == FATE_OPEN && now >= slot->deadline)
	{
		(void) error_set(&err, ERROR_TRANSIENT, "deadline", NULL,
						 "the task did not end within %.0f seconds",
						 slot->deadline - slot->started_at);
		slot_stop(slot, FATE_FAILED);
		cJSON_Delete(slot->outcome);
		slot->outcome = json_of_error(&err);
	}
}

/* True if the child died without a result. */
static bool
work_slot(Slot *slot, double now)
{
	int status;

	control_send(&slot->control);
	control_receive(&slot->control);
	slot_read_lines(slot);
	if ((slot->outcome != NULL || slot->control.ended) && slot->kill_at <= 0)
		slot->kill_at = now + EXIT_SECONDS;
	if (waitpid(slot->pid, &status, WNOHANG) == slot->pid)
		return bury(slot, status);
	enforce_deadline(slot, now);
	return false;
}

void
pool_work(Pool *pool)
{
	double now = clock_seconds();

	for (size_t i = 0; i < pool->count; i++)
		if (pool->slots[i].state == SLOT_RUNNING)
			pool->died += work_slot(&pool->slots[i], now);
}
