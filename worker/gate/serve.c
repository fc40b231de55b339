/*
 * gate/serve.c
 *	  The command `leap serve`: the parent of the processes that serve.
 *
 * It opens the socket once, and the processes inherit it: whichever is free takes the next
 * client, and a process that ends resets nobody. SIGHUP starts new processes, which read keys
 * and catalog anew; when they are ready the old ones take no more clients and end behind their
 * last answer. A process that dies is replaced. The parent itself serves nobody.
 */
#include "gate/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "gate/limit.h"
#include "gate/process.h"
#include "gate/settings.h"
#include "http/listen.h"

#define MOST_PLACES    COUNTER_PLACES
#define READY_SECONDS  30.0
#define RESPAWN_PAUSE  0.5 /* for a process that died young */
#define FAREWELL_EXTRA 5.0

typedef struct Place
{
	pid_t pid; /* 0: free */
	int generation;
	bool leaving; /* it was told to end */
	double since;
} Place;

typedef struct Serving
{
	const GateSettings *settings;
	Limits *limits;
	Counters *counters;
	_Atomic int *ready; /* shared, of each place */
	int listen_fd;
	int processes;
	int generation;
	bool taking_over; /* the newest generation is not ready yet */
	bool again;       /* asked for meanwhile */
	double take_over_by;
	bool ending;
	double end_by;
	double respawn_at;
	Place places[MOST_PLACES];
} Serving;

static int
process_count(const Options *options)
{
	int wanted = (int) option_number(options, OPTION_PROCESSES);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return wanted > 0 ? wanted : cores < 1 ? 1 : cores > 64 ? 64 : (int) cores;
}

/* Whether another process can answer now. */
static bool
others_answer(const Serving *serving, size_t place)
{
	for (size_t i = 0; i < MOST_PLACES; i++)
		if (i != place && serving->places[i].pid != 0 && !serving->places[i].leaving &&
			atomic_load(&serving->ready[i]) != 0)
			return true;
	return false;
}

static void
become_process(const Serving *serving, size_t place, pid_t parent)
{
	const ProcessStart start = {.settings = serving->settings,
								.limits = serving->limits,
								.counters = serving->counters,
								.place = counters_place(serving->counters, place),
								.listen_fd = serving->listen_fd,
								.others = others_answer(serving, place),
								.ready = &serving->ready[place]};

	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(EXIT_FAILED);
	_exit(process_run(&start));
}

static void
start_process(Serving *serving)
{
	pid_t parent = getpid();
	pid_t pid;
	size_t at = 0;

	while (at < MOST_PLACES && serving->places[at].pid != 0)
		at++;
	if (at == MOST_PLACES)
		return;
	atomic_store(&serving->ready[at], 0);
	pid = fork();
	if (pid == 0)
		become_process(serving, at, parent);
	if (pid < 0)
	{
		log_error("cannot start a process: %s", strerror(errno));
		serving->respawn_at = clock_seconds() + RESPAWN_PAUSE;
		return;
	}
	counters_place(serving->counters, at)->pid = pid;
	serving->places[at] =
		(Place){.pid = pid, .generation = serving->generation, .since = clock_seconds()};
}

static int
count(const Serving *serving, int generation)
{
	int found = 0;

	for (size_t i = 0; i < MOST_PLACES; i++)
		found += serving->places[i].pid != 0 &&
				 (generation < 0 || serving->places[i].generation == generation);
	return found;
}

static void
fill(Serving *serving)
{
	if (serving->ending || clock_seconds() < serving->respawn_at)
		return;
	for (int i = count(serving, serving->generation); i < serving->processes; i++)
		start_process(serving);
}

static void
tell(Serving *serving, bool newest, int signal_number)
{
	for (size_t i = 0; i < MOST_PLACES; i++)
	{
		Place *place = &serving->places[i];

		if (place->pid == 0 || (place->generation == serving->generation) != newest ||
			(place->leaving && signal_number == SIGTERM))
			continue;
		place->leaving = true;
		(void) kill(place->pid, signal_number);
	}
}

static void
begin_take_over(Serving *serving)
{
	serving->again = serving->taking_over;
	if (serving->ending || serving->taking_over)
		return;
	log_info("new processes take over");
	serving->generation++;
	serving->taking_over = true;
	serving->take_over_by = clock_seconds() + READY_SECONDS;
	serving->respawn_at = 0;
	fill(serving);
}

static bool
all_ready(const Serving *serving)
{
	int ready = 0;

	for (size_t i = 0; i < MOST_PLACES; i++)
		ready += serving->places[i].pid != 0 &&
				 serving->places[i].generation == serving->generation &&
				 atomic_load(&serving->ready[i]) != 0;
	return ready >= serving->processes;
}

/* The old ones end when the new ones are ready; new ones that do not get ready end. */
static void
go_on_taking_over(Serving *serving)
{
	if (!serving->taking_over)
		return;
	if (all_ready(serving))
	{
		tell(serving, false, SIGTERM);
		serving->taking_over = false;
	}
	else if (clock_seconds() > serving->take_over_by)
	{
		log_error("the new processes are not ready: the old ones go on");
		tell(serving, true, SIGTERM);
		serving->generation--;
		serving->taking_over = false;
	}
	if (!serving->taking_over && serving->again)
		begin_take_over(serving);
}

static void
end_all(Serving *serving)
{
	if (serving->ending)
		return;
	serving->ending = true;
	serving->end_by = clock_seconds() + FAREWELL_EXTRA +
					  option_number(serving->settings->options, OPTION_GRACE);
	tell(serving, true, SIGTERM);
	tell(serving, false, SIGTERM);
}

static void
reap(Serving *serving)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < MOST_PLACES; i++)
		{
			Place *place = &serving->places[i];

			if (place->pid != pid)
				continue;
			if (!place->leaving)
			{
				log_error("a process ended (%s %d), starting another",
						  WIFSIGNALED(status) ? "signal" : "status",
						  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
				if (clock_seconds() - place->since < RESPAWN_PAUSE)
					serving->respawn_at = clock_seconds() + RESPAWN_PAUSE;
			}
			*place = (Place){0};
			counters_place(serving->counters, i)->pid = 0;
		}
}

static void
wait_for_signals(Serving *serving, const sigset_t *set)
{
	const struct timespec pause = {0, 100L * 1000 * 1000};
	bool soon = serving->taking_over || serving->ending ||
				count(serving, serving->generation) < serving->processes;
	int got = soon ? sigtimedwait(set, NULL, &pause) : sigwaitinfo(set, NULL);

	if (got == SIGHUP)
		begin_take_over(serving);
	else if (got == SIGTERM || got == SIGINT)
		end_all(serving);
}

static void
serve(Serving *serving)
{
	sigset_t set;

	(void) sigemptyset(&set);
	(void) sigaddset(&set, SIGTERM);
	(void) sigaddset(&set, SIGINT);
	(void) sigaddset(&set, SIGHUP);
	(void) sigaddset(&set, SIGCHLD);
	(void) sigprocmask(SIG_BLOCK, &set, NULL);
	fill(serving);
	while (!serving->ending || count(serving, -1) > 0)
	{
		wait_for_signals(serving, &set);
		reap(serving);
		go_on_taking_over(serving);
		fill(serving);
		if (serving->ending && clock_seconds() > serving->end_by)
		{
			tell(serving, true, SIGKILL);
			tell(serving, false, SIGKILL);
		}
	}
}

static bool
share_ready(Serving *serving, Error *err)
{
	void *memory = mmap(NULL, MOST_PLACES * sizeof *serving->ready,
						PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return error_errno(err, "memory", "cannot share memory");
	serving->ready = memory;
	return true;
}

static ExitCode
complain(const Error *err)
{
	fprintf(stderr, "leap serve: %s\n", err->message);
	if (err->hint[0] != '\0')
		fprintf(stderr, "hint: %s\n", err->hint);
	return strcmp(err->code, "usage") == 0 ? EXIT_USAGE : EXIT_FAILED;
}

/* Each client is a descriptor, and each file that is sent; a session starts with few. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_warning("cannot have more descriptors: %s", strerror(errno));
}

/* A file of keys that cannot be read is found out before anything starts. */
static bool
check_keys(const GateSettings *settings, Error *err)
{
	JwtKeys *keys = NULL;
	bool ok = gate_settings_keys(settings, &keys, err);

	jwt_keys_free(keys);
	return ok;
}

/* Whoever watches asks another process, with an address of its own. */
static bool
start_metrics(MetricsSettings *metrics, const Options *options, const Counters *counters,
			  Error *err)
{
	*metrics = (MetricsSettings){.place = option_text(options, OPTION_METRICS),
								 .source = counters_source(counters)};
	return metrics->place[0] == '\0' || metrics_start(metrics, err);
}

ExitCode
serve_command(const Options *options, int argc, char **argv)
{
	CLEANUP(gate_settings) GateSettings settings;
	CLEANUP(close) int listen_fd = -1;
	char name[LISTEN_NAME_SIZE];
	Serving serving = {.settings = &settings, .processes = process_count(options)};
	MetricsSettings metrics;
	Error err = {0};

	(void) argv;
	if (!gate_settings_read(&settings, options, &err) || !check_keys(&settings, &err))
		return complain(&err);
	if (argc > 0)
	{
		(void) error_set(&err, ERROR_PERMANENT, "usage", NULL,
						 "serve takes options only, no \"%.60s\"", argv[0]);
		return complain(&err);
	}
	if (!limits_share(&serving.limits, &err) ||
		!counters_share(&serving.counters, &err) || !share_ready(&serving, &err) ||
		!start_metrics(&metrics, options, serving.counters, &err) ||
		!listen_at(option_text(options, OPTION_LISTEN), &listen_fd, name, &err))
		return complain(&err);
	serving.listen_fd = listen_fd;
	raise_descriptors();
	log_info("serving at http://%s/", name);
	serve(&serving);
	return EXIT_DONE;
}
