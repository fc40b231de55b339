/*
 * http/metrics_page.h
 *	  The text of /metrics: what the database says, and what the program shows of itself.
 */
#ifndef LEAP_HTTP_METRICS_PAGE_H
#define LEAP_HTTP_METRICS_PAGE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "db/connection.h"
#include "http/metrics.h"

typedef struct MetricsPage
{
	const MetricsSettings *settings;
	Db *db; /* NULL: not connected */
	Buffer text;
	double made_at; /* clock_seconds(); 0 = never */
} MetricsPage;

/* The text, at most a second old. Without the database it says leap_up 0. */
const Buffer *metrics_page(MetricsPage *page);

/* Does the database answer, if anything is told about it? Connects if need be. */
bool metrics_page_database(MetricsPage *page);

#endif
