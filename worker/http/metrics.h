/*
 * http/metrics.h
 *	  A small server beside another program: GET /metrics for Prometheus, /health/live and
 *	  /health/ready for whoever watches over it.
 *
 * It is a process of its own with a connection of its own, so that nothing it does can
 * hold up the program, nor the other way round. When the program ends, however it does, so
 * does it; when it dies another takes its place.
 */
#ifndef LEAP_HTTP_METRICS_H
#define LEAP_HTTP_METRICS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/vitals.h"

/* What is told about the program itself, from memory that both processes share. */
typedef struct MetricsSource
{
	const char *what; /* "worker": what it is called in answers */
	void (*put)(Buffer *text, const void *arg);
	bool (*alive)(const void *arg); /* does its loop turn? */
	bool (*ready)(const void *arg); /* can it do its work? */
	const void *arg;
} MetricsSource;

typedef struct MetricsSettings
{
	const char *place;    /* "[ADDRESS:]PORT", as http/listen.h */
	const char *database; /* as db/connection.h; NULL: nothing is told about it */
	MetricsSource source;
} MetricsSettings;

/*
 * Starts it; to be called before the process opens or starts anything else. The settings
 * have to live on. Errors: usage, and what the system says.
 */
bool metrics_start(const MetricsSettings *settings, Error *err);

/* A worker. */
typedef struct MetricsWorker
{
	const char *name; /* "": that of the machine */
	const Vitals *vitals;
} MetricsWorker;

MetricsSource metrics_worker(const MetricsWorker *worker);

/* One number with the two lines that explain it; type is gauge or counter. */
void metrics_put(Buffer *text, const char *name, const char *type, const char *help,
				 double value);

/* Resident memory of a process in bytes; 0 when it is gone. */
double metrics_resident_bytes(int64_t pid);

#endif
