/*
 * http/metrics_worker.c
 *	  What a worker tells of itself.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/metrics.h"

/* How long a worker's loop may stand still before it is said to. */
#define STANDSTILL_SECONDS 60.0

static double
still_seconds(const Vitals *vitals)
{
	double seconds = clock_seconds() - (double) vitals->turned_ms / 1000;

	return seconds > 0 ? seconds : 0;
}

/* A label's value: backslash, quote and newline are escaped. */
static void
put_label(Buffer *text, const char *value)
{
	for (; *value != '\0'; value++)
	{
		if (*value == '\n')
			buffer_append(text, "\\n", 2);
		else if (*value == '"' || *value == '\\')
			buffer_printf(text, "\\%c", *value);
		else
			buffer_append(text, value, 1);
	}
}

static void
put_worker(Buffer *text, const void *arg)
{
	const MetricsWorker *worker = arg;
	const Vitals *vitals = worker->vitals;
	char name[128] = "";

	snprintf(name, sizeof name, "%s", worker->name);
	if (name[0] == '\0')
		(void) gethostname(name, sizeof name - 1);
	buffer_printf(text, "# HELP leap_worker_info The worker this comes from; always 1.\n"
						"# TYPE leap_worker_info gauge\nleap_worker_info{name=\"");
	put_label(text, name);
	buffer_printf(text, "\",version=\"" LEAP_VERSION "\"} 1\n");
	metrics_put(text, "leap_worker_connected", "gauge",
				"Whether the worker is registered at the database.",
				(double) vitals->connected);
	metrics_put(text, "leap_worker_connections_total", "counter",
				"How often the worker registered: its start and every lost connection.",
				(double) vitals->connections);
	metrics_put(text, "leap_worker_places", "gauge",
				"How many tasks the worker runs at the same time at most.",
				(double) vitals->slots);
	metrics_put(text, "leap_worker_children", "gauge", "Children of the worker that run.",
				(double) vitals->children);
	metrics_put(text, "leap_worker_children_started_total", "counter",
				"Children the worker started.", (double) vitals->started);
	metrics_put(text, "leap_worker_children_died_total", "counter",
				"Children that ended without a result.", (double) vitals->died);
	metrics_put(text, "leap_worker_standstill_seconds", "gauge",
				"How long the worker's loop has not turned; it should every second.",
				still_seconds(vitals));
	metrics_put(text, "leap_worker_resident_bytes", "gauge",
				"Memory of the worker without its children.",
				metrics_resident_bytes(vitals->pid));
}

static bool
is_alive(const void *arg)
{
	const MetricsWorker *worker = arg;

	return still_seconds(worker->vitals) < STANDSTILL_SECONDS;
}

static bool
is_connected(const void *arg)
{
	const MetricsWorker *worker = arg;

	return is_alive(arg) && worker->vitals->connected != 0;
}

MetricsSource
metrics_worker(const MetricsWorker *worker)
{
	return (MetricsSource){"worker", put_worker, is_alive, is_connected, worker};
}
