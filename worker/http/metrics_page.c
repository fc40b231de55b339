/*
 * http/metrics_page.c
 *	  Putting the page together.
 */
#include "http/metrics_page.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"

/* A page this young is given again: several may ask at once. */
#define FRESH_SECONDS 1.0

static void
put(Buffer *text, const char *name, const char *type, const char *help, double value)
{
	buffer_printf(text, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", name, help, name, type,
				  name, value);
}

/* The first line of a file, as far as it fits. */
static bool
first_line(const char *path, char *line, size_t size)
{
	CLEANUP(fclose) FILE *file = fopen(path, "re");

	return file != NULL && fgets(line, (int) size, file) != NULL;
}

/* Resident memory of the worker in bytes; 0 when it is gone. */
static double
resident_bytes(int64_t pid)
{
	char path[64];
	char line[128];
	const char *second;

	snprintf(path, sizeof path, "/proc/%" PRId64 "/statm", pid);
	second = first_line(path, line, sizeof line) ? strchr(line, ' ') : NULL;
	return second == NULL
			   ? 0
			   : (double) strtoll(second, NULL, 10) * (double) sysconf(_SC_PAGESIZE);
}

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
put_worker(Buffer *text, const MetricsSettings *settings)
{
	const Vitals *vitals = settings->vitals;
	char name[128] = "";

	snprintf(name, sizeof name, "%s", settings->worker);
	if (name[0] == '\0')
		(void) gethostname(name, sizeof name - 1);
	buffer_printf(text, "# HELP leap_worker_info The worker this comes from; always 1.\n"
						"# TYPE leap_worker_info gauge\nleap_worker_info{name=\"");
	put_label(text, name);
	buffer_printf(text, "\",version=\"" LEAP_VERSION "\"} 1\n");
	put(text, "leap_worker_connected", "gauge",
		"Whether the worker is registered at the database.", (double) vitals->connected);
	put(text, "leap_worker_connections_total", "counter",
		"How often the worker registered: its start and every lost connection.",
		(double) vitals->connections);
	put(text, "leap_worker_places", "gauge",
		"How many tasks the worker runs at the same time at most.",
		(double) vitals->slots);
	put(text, "leap_worker_children", "gauge", "Children of the worker that run.",
		(double) vitals->children);
	put(text, "leap_worker_children_started_total", "counter",
		"Children the worker started.", (double) vitals->started);
	put(text, "leap_worker_children_died_total", "counter",
		"Children that ended without a result.", (double) vitals->died);
	put(text, "leap_worker_standstill_seconds", "gauge",
		"How long the worker's loop has not turned; it should every second.",
		still_seconds(vitals));
	put(text, "leap_worker_resident_bytes", "gauge",
		"Memory of the worker without its children.", resident_bytes(vitals->pid));
}

static bool
connect_database(MetricsPage *page, Error *err)
{
	return page->db != NULL ||
		   (db_open(page->settings->database, "leap metrics", &page->db, err) &&
			db_script(page->db, "SET statement_timeout = '5s'", err));
}

/* Appends what the database says; false when it does not answer. */
static bool
put_database(MetricsPage *page, Error *err)
{
	CLEANUP(rows) DbRows *rows = NULL;
	const char *text;

	if (!connect_database(page, err) ||
		!db_call(page->db, "SELECT leap.metrics()", NULL, 0, &rows, err))
		return false;
	text = rows_text(rows, 0, 0);
	buffer_append(&page->text, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
	return true;
}

/* The next call connects anew. */
static void
disconnect(MetricsPage *page, const Error *err)
{
	log_warning("metrics: %s", err->message);
	if (page->db != NULL)
		db_close(page->db);
	page->db = NULL;
}

const Buffer *
metrics_page(MetricsPage *page)
{
	double began = clock_seconds();
	Error err = {0};
	bool up;

	if (page->made_at > 0 && began < page->made_at + FRESH_SECONDS)
		return &page->text;
	buffer_clear(&page->text);
	up = put_database(page, &err);
	if (!up)
		disconnect(page, &err);
	put(&page->text, "leap_up", "gauge", "Whether the database answered.", up);
	put(&page->text, "leap_scrape_seconds", "gauge", "How long the database took.",
		clock_seconds() - began);
	put_worker(&page->text, page->settings);
	page->made_at = clock_seconds();
	return &page->text;
}

bool
metrics_page_database(MetricsPage *page)
{
	CLEANUP(rows) DbRows *rows = NULL;
	Error err = {0};

	if (connect_database(page, &err) &&
		db_call(page->db, "SELECT 1", NULL, 0, &rows, &err))
		return true;
	disconnect(page, &err);
	return false;
}

bool
metrics_page_alive(const MetricsPage *page)
{
	return still_seconds(page->settings->vitals) < STANDSTILL_SECONDS;
}
