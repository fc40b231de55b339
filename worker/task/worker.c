/*
 * task/worker.c
 *	  The worker's loop: one poll() over the database, the children and the signals.
 *
 * Everything here may be killed at any moment: what is true is in the database.
 */
#include "task/worker.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/containment.h"
#include "base/install.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sealed.h"
#include "base/vitals.h"
#include "net/mail_settings.h"
#include "net/network.h"
#include "net/provider_keys.h"
#include "source/watch.h"
#include "storage/settings.h"
#include "storage/storage.h"
#include "task/desk.h"
#include "task/pool.h"
#include "task/work_folder.h"

/* How long an unreachable database may hold up the end. */
#define FAREWELL_SECONDS 3.0
/* How often left work folders are looked for. */
#define SWEEP_SECONDS 60.0

typedef struct Worker
{
	Pool pool;
	Desk desk;
	int signals;
	double grace;
	int stop_requests;
	double stop_at; /* children still running then are ended; INFINITY = not stopping */
	double sweep_at;
	double farewell_at; /* the latest end; INFINITY = children may still run */
	Vitals *vitals;     /* NULL: nobody looks */
	char name[128];
	char media_program[PATH_SIZE];
	cJSON *mail;                 /* NULL = it sends none */
	cJSON *keys;                 /* of providers; NULL = none */
	SealedKeys *credential_keys; /* NULL = none */
	cJSON *network;              /* net/network.h */
	cJSON *storage;              /* storage/settings.h */
	struct pollfd *fds;
} Worker;

static int
cores(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);

	return count < 1 ? 1 : (int) count;
}

static bool
open_signals(Worker *worker, Error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	(void) sigprocmask(SIG_BLOCK, &set, NULL);
	(void) signal(SIGPIPE, SIG_IGN);
	worker->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return worker->signals >= 0 || error_errno(err, "signals", "cannot receive signals");
}

static void
close_worker(Worker *worker)
{
	desk_free(&worker->desk);
	watch_free(worker->desk.watch);
	pool_free(&worker->pool);
	free(worker->fds);
	cJSON_Delete(worker->mail);
	cJSON_Delete(worker->keys);
	cJSON_Delete(worker->network);
	sealed_forget(worker->storage);
	sealed_keys_free(worker->credential_keys);
	if (worker->signals >= 0)
		(void) close(worker->signals);
}

/* For CLEANUP(worker). */
static void
cleanup_worker(Worker *worker)
{
	close_worker(worker);
}

/* What this worker makes there could not be changed by others, and the other way round. A
 * folder that its owner opened to more than himself is meant so. */
static void
warn_of_owner(const char *folder)
{
	struct stat status;

	if (stat(folder, &status) == 0 && status.st_uid != geteuid() &&
		(status.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		log_warning("%s belongs to user %u and this worker is user %u: every worker on "
					"this storage and library must run as the same user",
					folder, status.st_uid, geteuid());
}

/* Said once: a worker that parses media with less than it should goes on. */
static void
warn_of_containment(const char *program)
{
	char text[CONTAINMENT_TEXT_SIZE];
	bool complete;
	Error err = {0};

	if (!containment_ask(program, text, &complete, &err))
		log_warning("%s", err.message);
	else if (!complete)
		log_warning("this machine contains hostile recordings only in part: %s", text);
}

/* Inboxes are for workers that do syncs. Without inotify the schedule finds their files. */
static Watch *
open_watch(const Rooms *rooms)
{
	Watch *watch = NULL;
	Error err = {0};

	for (size_t i = 0; i < rooms->count && watch == NULL; i++)
		if (strcmp(rooms->rooms[i].queue, "automation") == 0)
		{
			watch = watch_new(&err);
			if (watch == NULL)
				log_warning("%s", err.message);
		}
	return watch;
}

/* The folder of a storage is made. One elsewhere need not answer yet: its tasks are tried
 * again. */
static bool
open_storage(Worker *worker, const Options *options, PoolSettings *pool, Error *err)
{
	CLEANUP(storage) Storage storage = STORAGE_NONE;
	const char *where;

	if (!storage_settings_read(options, &worker->storage, err))
		return false;
	where = storage_settings_where(worker->storage);
	pool->storage = storage_settings_folder(worker->storage);
	if (storage_is_s3(where) || option_text(options, OPTION_STORAGE_FROM)[0] != '\0')
		pool->storage_settings = worker->storage;
	return path_make_absolute(pool->storage, storage_is_s3(where) ? 0700 : 0750, err) &&
		   storage_open_with(&storage, worker->storage, err);
}

static bool
open_worker(Worker *worker, const Options *options, Error *err)
{
	int slots = (int) option_number(options, OPTION_SLOTS);
	int threads = (int) option_number(options, OPTION_THREADS);
	size_t places;
	PoolSettings pool = {
		.library = option_text(options, OPTION_LIBRARY),
		.library_url = option_text(options, OPTION_LIBRARY_URL),
		.media_program = worker->media_program,
		.allow_private_addresses = option_flag(options, OPTION_ALLOW_PRIVATE_ADDRESSES),
		.site_program = option_text(options, OPTION_YT_DLP),
		.threads = threads > 0 ? threads : cores(),
		.media_seconds = option_number(options, OPTION_MEDIA_SECONDS),
	};
	DeskSettings desk = {
		.database = option_text(options, OPTION_DATABASE),
		.name = worker->name,
		.queues = option_text(options, OPTION_QUEUES),
	};

	if (!rooms_read(&desk.rooms, desk.queues, slots > 0 ? slots : cores(), err) ||
		!install_media_program(options, worker->media_program,
							   sizeof worker->media_program, err) ||
		!mail_settings_read(options, &worker->mail, err) ||
		!provider_keys_read(options, &worker->keys, err) ||
		!sealed_keys_read(option_text(options, OPTION_CREDENTIAL_KEYS),
						  &worker->credential_keys, err) ||
		!network_settings(option_text(options, OPTION_ALLOW_ADDRESS),
						  option_text(options, OPTION_PROXY), &worker->network, err) ||
		!open_storage(worker, options, &pool, err) ||
		!path_make_absolute(pool.library, 0755, err) ||
		!storage_settings_apart(worker->storage, pool.library, err) ||
		!open_signals(worker, err))
		return false;
	pool.mail = worker->mail;
	pool.keys = worker->keys;
	pool.credential_keys = worker->credential_keys;
	pool.network = worker->network;
	warn_of_owner(pool.storage);
	warn_of_owner(pool.library);
	warn_of_containment(worker->media_program);
	snprintf(worker->name, sizeof worker->name, "%s",
			 option_text(options, OPTION_WORKER_NAME));
	if (worker->name[0] == '\0')
		(void) gethostname(worker->name, sizeof worker->name - 1);
	log_set_worker(worker->name);
	worker->grace = option_number(options, OPTION_GRACE);
	/* twice: claimed tasks arrive while outcomes still wait for their answers */
	places = 2 * (size_t) desk.rooms.total + 2;
	pool_init(&worker->pool, &pool, places);
	desk_init(&worker->desk, &desk, &worker->pool);
	worker->desk.watch = open_watch(&desk.rooms);
	worker->fds = calloc(places + 3, sizeof *worker->fds);
	return worker->fds != NULL || error_errno(err, "memory", "cannot start");
}

static void
stop_requested(Worker *worker)
{
	double now = clock_seconds();

	worker->stop_requests++;
	worker->stop_at = worker->stop_requests == 1 ? now + worker->grace : now;
	log_info("stopping: %zu tasks run and get %.0f seconds",
			 pool_in_state(&worker->pool, SLOT_RUNNING), worker->stop_at - now);
	desk_close(&worker->desk);
}

static void
read_signals(Worker *worker)
{
	struct signalfd_siginfo info;

	while (read(worker->signals, &info, sizeof info) == (ssize_t) sizeof info)
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			stop_requested(worker);
	/* SIGCHLD only ends the poll: the pool looks after its children in every turn */
}

/* When the grace is over the children end and their tasks go back. */
static void
end_grace(Worker *worker)
{
	double now = clock_seconds();

	if (now < worker->stop_at)
		return;
	for (size_t i = 0; i < worker->pool.count; i++)
		slot_stop(&worker->pool.slots[i], FATE_RETURNED);
	if (pool_in_state(&worker->pool, SLOT_RUNNING) == 0 && isinf(worker->farewell_at))
		worker->farewell_at = now + FAREWELL_SECONDS;
}

/* True when nothing is left to do, or the database cannot be told any more. */
static bool
may_leave(const Worker *worker)
{
	if (isinf(worker->stop_at))
		return false;
	return desk_is_idle(&worker->desk) || clock_seconds() >= worker->farewell_at;
}

static void
wait_for_events(Worker *worker)
{
	double latest = worker->sweep_at;
	double link_latest = latest;
	size_t count = worker->pool.count;
	double seconds;

	pool_want(&worker->pool, worker->fds, &latest);
	link_want(worker->desk.link, &worker->fds[count], &link_latest);
	worker->fds[count + 1] = (struct pollfd){.fd = worker->signals, .events = POLLIN};
	watch_want(worker->desk.watch, &worker->fds[count + 2], &latest);
	desk_want(&worker->desk, &latest);
	latest = fmin(fmin(latest, link_latest), worker->farewell_at);
	if (worker->stop_at > clock_seconds())
		latest = fmin(latest, worker->stop_at);
	seconds = fmax(0, latest - clock_seconds());
	(void) poll(worker->fds, count + 3, (int) ceil(seconds * 1000));
}

/* At the start, and now and then: another worker may have been killed. */
static void
sweep_folders(Worker *worker)
{
	double now = clock_seconds();

	if (now < worker->sweep_at)
		return;
	worker->sweep_at = now + SWEEP_SECONDS;
	work_folder_sweep(worker->pool.settings.storage);
}

static void
show_vitals(const Worker *worker)
{
	Vitals *vitals = worker->vitals;

	if (vitals == NULL)
		return;
	vitals->pid = getpid();
	vitals->turned_ms = (int64_t) (clock_seconds() * 1000);
	vitals->connected = worker->desk.registered;
	vitals->connections = worker->desk.registrations;
	vitals->slots = worker->desk.settings.rooms.total;
	vitals->children = (int64_t) pool_in_state(&worker->pool, SLOT_RUNNING);
	vitals->started = (int64_t) worker->pool.serial;
	vitals->died = (int64_t) worker->pool.died;
}

static void
turn(Worker *worker)
{
	show_vitals(worker);
	wait_for_events(worker);
	read_signals(worker);
	pool_work(&worker->pool);
	link_work(worker->desk.link);
	watch_work(worker->desk.watch);
	end_grace(worker);
	desk_work(&worker->desk);
	sweep_folders(worker);
}

/* Takes the worker off the database's list, if it can be reached soon. */
static void
say_farewell(Worker *worker)
{
	double latest = clock_seconds() + FAREWELL_SECONDS;

	desk_unregister(&worker->desk);
	while (link_pending(worker->desk.link) > 0 && clock_seconds() < latest)
	{
		struct pollfd fd;
		double ignored;

		link_want(worker->desk.link, &fd, &ignored);
		(void) poll(&fd, 1, 100);
		link_work(worker->desk.link);
	}
	log_info("stopped");
}

/* Is there a queue without a number? */
static bool
has_shared_queue(const Options *options)
{
	const char *list = option_text(options, OPTION_QUEUES);

	while (*list != '\0')
	{
		if (list[strcspn(list, ",=")] != '=')
			return true;
		list += strcspn(list, ",");
		list += *list == ',';
	}
	return false;
}

ExitCode
worker_run(const Options *options, int argc, Vitals *vitals)
{
	CLEANUP(worker)
	Worker worker = {
		.signals = -1,
		.stop_at = INFINITY,
		.farewell_at = INFINITY,
		.vitals = vitals,
	};
	Error err = {0};

	if (argc > 0)
	{
		fputs("leap worker takes no arguments\n", stderr);
		return EXIT_USAGE;
	}
	if (options->flagged[OPTION_SLOTS] && !has_shared_queue(options))
	{
		fputs("leap worker: every queue has a number of its own, no slots are left to "
			  "share\n"
			  "hint: leave --slots out, or name a queue without a number\n",
			  stderr);
		return EXIT_USAGE;
	}
	(void) umask(022);
	if (!open_worker(&worker, options, &err))
	{
		log_error("%s", err.message);
		if (err.hint[0] != '\0')
			log_error("hint: %s", err.hint);
		return EXIT_FAILED;
	}
	while (!may_leave(&worker) && !worker.desk.refused)
		turn(&worker);
	say_farewell(&worker);
	return worker.desk.refused ? EXIT_REFUSED : EXIT_DONE;
}
