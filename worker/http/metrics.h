/*
 * http/metrics.h
 *	  A small server beside a worker: GET /metrics for Prometheus, /health/live and
 *	  /health/ready for whoever watches over it.
 *
 * It is a process of its own with a connection of its own, so that nothing it does can
 * hold up a task. When the worker ends, however it does, so does it; when it dies another
 * takes its place.
 */
#ifndef LEAP_HTTP_METRICS_H
#define LEAP_HTTP_METRICS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/vitals.h"

typedef struct MetricsSettings
{
	const char *place;    /* "[ADDRESS:]PORT", as http/listen.h */
	const char *database; /* as db/connection.h */
	const char *worker;   /* name of the worker */
	const Vitals *vitals;
} MetricsSettings;

/*
 * Starts it; to be called before the process opens or starts anything else. The settings
 * have to live on. Errors: usage, and what the system says.
 */
bool metrics_start(const MetricsSettings *settings, Error *err);

#endif
