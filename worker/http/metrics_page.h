/*
 * http/metrics_page.h
 *	  The text of /metrics: what the database says, and what the worker shows of itself.
 */
#ifndef LEAP_HTTP_METRICS_PAGE_H
#define LEAP_HTTP_METRICS_PAGE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "db/connection.h"
#include "http/metrics.h"

/* How long a worker's loop may stand still before it is said to. */
#define STANDSTILL_SECONDS 60.0

typedef struct MetricsPage
{
	const MetricsSettings *settings;
	Db *db; /* NULL: not connected */
	Buffer text;
	double made_at; /* clock_seconds(); 0 = never */
} MetricsPage;

/* The text, at most a second old. Without the database it says leap_up 0. */
const Buffer *metrics_page(MetricsPage *page);

/* Does the database answer? Connects if need be. */
bool metrics_page_database(MetricsPage *page);

/* Does the worker's loop turn? */
bool metrics_page_alive(const MetricsPage *page);

#endif
