/*
 * gate/counters.c
 *	  Counting requests, and telling Prometheus.
 */
#include "gate/counters.h"

#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"

/* How long a process's loop may stand still before it is said to. */
#define STANDSTILL_SECONDS 60.0

/* Names of a request's method; others are counted together. */
static const char *const methods[] = {"GET", "HEAD",   "POST",    "PATCH",
									  "PUT", "DELETE", "OPTIONS", "other"};

/* What is asked for, by how its path begins; the last one is the rest: views. */
static const struct
{
	const char *kind;
	const char *prefix;
} kinds[] = {
	{"health",  "/health/"},
    {"files",   "/files/" },
    {"events",  "/events" },
	{"uploads", "/uploads"},
    {"call",    "/rpc/"   },
    {"route",   "/api/v1/"},
	{"view",    "/"       },
    {"refused", ""        },
};

/* Seconds; the last bucket has no end. */
static const double bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
								0.25,  0.5,    1,     2.5,  5,     10};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define METHODS         COUNT_OF(methods)
#define KINDS           COUNT_OF(kinds)
#define BOUNDS          COUNT_OF(bounds)
#define STATUSES        600
#define STATUS_GONE     499 /* the client went away; no answer of HTTP has it */

typedef struct Duration
{
	_Atomic uint64_t in[BOUNDS + 1];
	_Atomic uint64_t micros;
} Duration;

struct Counters
{
	_Atomic uint64_t answers[METHODS][STATUSES];
	Duration durations[KINDS];
	CounterPlace places[COUNTER_PLACES];
};

bool
counters_share(Counters **counters, Error *err)
{
	void *memory = mmap(NULL, sizeof **counters, PROT_READ | PROT_WRITE,
						MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return error_errno(err, "memory", "cannot share memory for counters");
	*counters = memory;
	return true;
}

CounterPlace *
counters_place(Counters *counters, size_t place)
{
	return &counters->places[place];
}

static size_t
method_of(const Exchange *exchange)
{
	size_t i = 0;

	while (i + 1 < METHODS && !slice_is(exchange->head.method, methods[i]))
		i++;
	return i;
}

static size_t
kind_of(const Exchange *exchange)
{
	Slice path = exchange->path;
	size_t i = 0;

	while (i + 1 < KINDS &&
		   (path.length < strlen(kinds[i].prefix) ||
			memcmp(path.at, kinds[i].prefix, strlen(kinds[i].prefix)) != 0))
		i++;
	return i;
}

void
counters_add(Counters *counters, const Exchange *exchange, int status, double seconds)
{
	Duration *duration = &counters->durations[kind_of(exchange)];
	size_t bucket = 0;

	if (status <= 0 || status >= STATUSES)
		status = STATUS_GONE;
	while (bucket < BOUNDS && seconds > bounds[bucket])
		bucket++;
	atomic_fetch_add(&counters->answers[method_of(exchange)][status], 1);
	atomic_fetch_add(&duration->in[bucket], 1);
	atomic_fetch_add(&duration->micros, seconds > 0 ? (uint64_t) (seconds * 1e6) : 0);
}

static void
put_answers(Buffer *text, const Counters *counters)
{
	buffer_puts(text,
				"# HELP leap_http_requests_total Requests by method and status; 499: "
				"the client went away.\n"
				"# TYPE leap_http_requests_total counter\n");
	for (size_t m = 0; m < METHODS; m++)
		for (size_t s = 0; s < STATUSES; s++)
		{
			uint64_t count = counters->answers[m][s];

			if (count > 0)
				buffer_printf(
					text, "leap_http_requests_total{method=\"%s\",status=\"%zu\"} %llu\n",
					methods[m], s, (unsigned long long) count);
		}
}

static void
put_duration(Buffer *text, const char *kind, const Duration *duration)
{
	uint64_t below = 0;

	for (size_t i = 0; i < BOUNDS; i++)
	{
		below += duration->in[i];
		buffer_printf(text,
					  "leap_http_request_seconds_bucket{kind=\"%s\",le=\"%g\"} %llu\n",
					  kind, bounds[i], (unsigned long long) below);
	}
	below += duration->in[BOUNDS];
	buffer_printf(text,
				  "leap_http_request_seconds_bucket{kind=\"%s\",le=\"+Inf\"} %llu\n"
				  "leap_http_request_seconds_sum{kind=\"%s\"} %.6f\n"
				  "leap_http_request_seconds_count{kind=\"%s\"} %llu\n",
				  kind, (unsigned long long) below, kind, (double) duration->micros / 1e6,
				  kind, (unsigned long long) below);
}

static void
put_durations(Buffer *text, const Counters *counters)
{
	buffer_puts(text,
				"# HELP leap_http_request_seconds From the head of a request to the end "
				"of its answer, by what was asked for.\n"
				"# TYPE leap_http_request_seconds histogram\n");
	for (size_t i = 0; i < KINDS; i++)
		put_duration(text, kinds[i].kind, &counters->durations[i]);
}

static bool
turns(const CounterPlace *place)
{
	return place->pid != 0 &&
		   clock_seconds() - (double) place->turned_ms / 1000 < STANDSTILL_SECONDS;
}

static void
put_places(Buffer *text, const Counters *counters)
{
	int64_t processes = 0, clients = 0, streams = 0, connections = 0, waiting = 0;
	double bytes = 0;

	for (size_t i = 0; i < COUNTER_PLACES; i++)
	{
		const CounterPlace *place = &counters->places[i];

		if (!turns(place))
			continue;
		processes++;
		clients += place->clients;
		streams += place->streams;
		connections += place->connections;
		waiting += place->waiting;
		bytes += metrics_resident_bytes(place->pid);
	}
	metrics_put(text, "leap_http_processes", "gauge", "Processes that serve.",
				(double) processes);
	metrics_put(text, "leap_http_clients", "gauge", "Connections of clients.",
				(double) clients);
	metrics_put(text, "leap_http_streams", "gauge", "Event streams among them.",
				(double) streams);
	metrics_put(text, "leap_http_database_connections", "gauge",
				"Connections to the database that requests share.", (double) connections);
	metrics_put(text, "leap_http_requests_waiting", "gauge",
				"Requests that wait for one of them.", (double) waiting);
	metrics_put(text, "leap_http_resident_bytes", "gauge", "Memory of the processes.",
				bytes);
}

static void
put_all(Buffer *text, const void *arg)
{
	put_answers(text, arg);
	put_durations(text, arg);
	put_places(text, arg);
}

static bool
is_alive(const void *arg)
{
	const Counters *counters = arg;

	for (size_t i = 0; i < COUNTER_PLACES; i++)
		if (turns(&counters->places[i]))
			return true;
	return false;
}

static bool
is_ready(const void *arg)
{
	const Counters *counters = arg;

	for (size_t i = 0; i < COUNTER_PLACES; i++)
		if (turns(&counters->places[i]) && counters->places[i].connections > 0)
			return true;
	return false;
}

MetricsSource
counters_source(const Counters *counters)
{
	return (MetricsSource){"server", put_all, is_alive, is_ready, counters};
}
