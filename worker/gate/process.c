/*
 * gate/process.c
 *	  One process of a server.
 */
#include "gate/process.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/exit_code.h"
#include "base/log.h"
#include "base/sealed.h"
#include "gate/files.h"
#include "gate/gate.h"
#include "gate/journal.h"
#include "storage/settings.h"

/* A process that is alone takes clients before it knows the database, when that is away for
 * so long. */
#define PATIENCE_SECONDS       2.0
#define POOL_WAIT_SECONDS      10.0
#define WAITING_PER_CONNECTION 256

typedef struct Process
{
	Gate gate;
	Service service;
	ServerSettings server_settings;
	double finish_by; /* 0: not finishing */
	int signals;
	Watch *signal_watch;
	struct OwnerCheck *owner_check; /* NULL = not asked for yet */
} Process;

/* Whose is the storage? A bucket takes its time to say so. */
typedef struct OwnerCheck
{
	DiskJob job;
	const Storage *storage;
	char database[STORAGE_OWNER_SIZE];
	Error err;
} OwnerCheck;

static void *
host_watch(void *arg, int fd, bool read, bool write,
		   void (*ready)(void *ready_arg, bool readable, bool writable), void *ready_arg)
{
	return loop_watch(arg, fd, read, write, ready, ready_arg);
}

static void
host_change(void *watch, bool read, bool write)
{
	watch_change(watch, read, write);
}

static void
host_unwatch(void *watch)
{
	watch_end(watch);
}

static void
finish(Process *process)
{
	if (process->finish_by > 0)
		return;
	process->finish_by =
		clock_seconds() + option_number(process->gate.settings->options, OPTION_GRACE);
	process->gate.finishing = true;
	streams_finish(process->gate.streams);
	if (process->gate.server != NULL)
		server_finish(process->gate.server);
}

static void
signalled(void *arg, bool readable, bool writable)
{
	Process *process = arg;
	struct signalfd_siginfo info;

	(void) readable;
	(void) writable;
	while (read(process->signals, &info, sizeof info) == (ssize_t) sizeof info)
		finish(process);
}

static bool
watch_signals(Process *process, Error *err)
{
	sigset_t set;

	(void) sigemptyset(&set);
	(void) sigaddset(&set, SIGTERM);
	(void) sigaddset(&set, SIGINT);
	(void) sigprocmask(SIG_SETMASK, &set, NULL);
	(void) signal(SIGPIPE, SIG_IGN);
	(void) signal(SIGXFSZ, SIG_IGN); /* a write that fails says so */
	process->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (process->signals < 0)
		return error_errno(err, "signals", "cannot wait for signals");
	process->signal_watch =
		loop_watch(process->gate.loop, process->signals, true, false, signalled, process);
	return true;
}

/* Everything but files can be had without it. */
static void
open_storage(Gate *gate, const Options *options)
{
	CLEANUP(secret) cJSON *settings = NULL;
	Error err = {0};

	gate->storage = STORAGE_NONE;
	if (!storage_settings_read(options, &settings, &err) ||
		!storage_settings_apart(settings, NULL, &err) ||
		!storage_open_with(&gate->storage, settings, &err))
	{
		storage_close(&gate->storage);
		log_warning("no files can be sent: %s", err.message);
	}
}

static bool
open_gate(Process *process, const ProcessStart *start, Error *err)
{
	Gate *gate = &process->gate;
	const Options *options = start->settings->options;
	const DbPoolSettings pool = {
		.database = option_text(options, OPTION_DATABASE),
		.application = "leap serve",
		.connections = (size_t) option_number(options, OPTION_CONNECTIONS),
		.most_waiting =
			(size_t) option_number(options, OPTION_CONNECTIONS) * WAITING_PER_CONNECTION,
		.wait_seconds = POOL_WAIT_SECONDS};
	char origin[256];

	gate->settings = start->settings;
	gate->limits = start->limits;
	gate->counters = start->counters;
	open_storage(gate, options);
	if (!files_are_sent_away(gate) ||
		!storage_origin(&gate->storage, origin, sizeof origin))
		origin[0] = '\0';
	if (option_text(options, OPTION_LIBRARY_URL)[0] != '\0')
		gate->library = library_open(option_text(options, OPTION_LIBRARY));
	if (!page_open(option_text(options, OPTION_PAGE), origin, &gate->page, err) ||
		!loop_open(&gate->loop, err) || !watch_signals(process, err))
		return false;
	gate->pool = db_pool_new(
		&pool, &(DbPoolHost){host_watch, host_change, host_unwatch, gate->loop});
	if (!disk_open(&gate->disk, gate->loop, err))
		return false;
	gate->catalog = catalog_new(gate->loop, start->settings);
	gate->streams = streams_new(
		gate->pool,
		&(StreamsSettings){
			.interval = option_number(options, OPTION_EVENT_INTERVAL) / 1000,
			.most = (size_t) option_number(options, OPTION_MAX_USER_STREAMS)});
	process->service = (Service){door_begin, journal_over, gate};
	process->server_settings = (ServerSettings){
		.listen_fd = start->listen_fd,
		.most = (size_t) option_number(options, OPTION_MAX_CLIENTS),
		.most_of_address = (size_t) option_number(options, OPTION_MAX_ADDRESS_CLIENTS)};
	return true;
}

static void
check_owner(DiskJob *job)
{
	OwnerCheck *check = (OwnerCheck *) job;

	(void) storage_check_owner(check->storage, check->database, false, &check->err);
}

/* Said at once, not only by the first upload that is refused. */
static void
tell_owner(DiskJob *job)
{
	const OwnerCheck *check = (OwnerCheck *) job;

	if (check->err.class != ERROR_NONE)
		log_error("no uploads can be taken: %s", check->err.message);
}

static void
begin_owner_check(Process *process)
{
	const CatalogView *view = catalog_take(process->gate.catalog);
	OwnerCheck *check = array_new(1, sizeof *check);

	*check = (OwnerCheck){
		.job = {.work = check_owner, .done = tell_owner},
		.storage = &process->gate.storage
    };
	(void) snprintf(check->database, sizeof check->database, "%s", view->database);
	catalog_give_back(view);
	process->owner_check = check;
	if (check->database[0] != '\0')
		disk_run(process->gate.disk, &check->job);
}

static bool
is_ready(const Gate *gate)
{
	const CatalogView *view = catalog_take(gate->catalog);

	if (view == NULL)
		return false;
	catalog_give_back(view);
	return db_pool_up(gate->pool) > 0;
}

/* Clients come when they can be answered, or can be told that they cannot. */
static void
open_door(Process *process, const ProcessStart *start, double patient_until)
{
	Gate *gate = &process->gate;
	bool can = is_ready(gate);

	if (gate->finishing)
		return;
	if (gate->server == NULL && (can || clock_seconds() > patient_until))
		gate->server =
			server_new(gate->loop, &process->server_settings, &process->service);
	if (can && process->owner_check == NULL)
		begin_owner_check(process);
	if (can)
		atomic_store(start->ready, 1);
}

static double
sooner(double a, double b)
{
	return a < b ? a : b;
}

static void
show(const Gate *gate, CounterPlace *place)
{
	place->turned_ms = (int64_t) (clock_seconds() * 1000);
	place->clients = gate->server != NULL ? (int64_t) server_count(gate->server) : 0;
	place->streams = (int64_t) streams_count(gate->streams);
	place->connections = (int64_t) db_pool_up(gate->pool);
	place->waiting = (int64_t) db_pool_waiting(gate->pool);
}

static void
turn(Process *process)
{
	Gate *gate = &process->gate;
	double pause = db_pool_work(gate->pool);

	pause = sooner(pause, catalog_work(gate->catalog));
	pause = sooner(pause, streams_work(gate->streams));
	if (gate->server != NULL)
		server_work(gate->server);
	loop_once(gate->loop, sooner(pause, 0.25));
}

static bool
is_over(const Process *process)
{
	return process->finish_by > 0 &&
		   (clock_seconds() > process->finish_by ||
			(process->gate.notes == 0 &&
			 (process->gate.server == NULL || server_count(process->gate.server) == 0)));
}

int
process_run(const ProcessStart *start)
{
	Process process = {0};
	Error err = {0};
	double patient_until = start->others ? INFINITY : clock_seconds() + PATIENCE_SECONDS;

	if (!open_gate(&process, start, &err))
	{
		log_error("%s", err.message);
		return EXIT_FAILED;
	}
	while (!is_over(&process))
	{
		if (atomic_load(start->ready) == 0)
			open_door(&process, start, patient_until);
		turn(&process);
		show(&process.gate, start->place);
	}
	if (process.gate.server != NULL)
		server_free(process.gate.server);
	streams_free(process.gate.streams);
	disk_close(process.gate.disk);
	free(process.owner_check);
	page_close(process.gate.page);
	db_pool_free(process.gate.pool);
	catalog_free(process.gate.catalog);
	storage_close(&process.gate.storage);
	watch_end(process.signal_watch);
	(void) close(process.signals);
	loop_close(process.gate.loop);
	return EXIT_DONE;
}
