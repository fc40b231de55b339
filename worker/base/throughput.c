/*
 * base/throughput.c
 *	  How fast bytes go from here to there, as people read it and as a finished task tells it.
 */
#include "base/throughput.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define RATE_SECONDS 3.0 /* a rate is that of so long a time */
#define SHOW_SECONDS 1.0

/* "340", "1,200": whole ones of 1000 * 1000, as files are measured. */
static void
print_megabytes(int64_t bytes, char text[32])
{
	char digits[24];
	size_t length;
	size_t at = 0;

	snprintf(digits, sizeof digits, "%lld", (long long) (bytes / 1000000));
	length = strlen(digits);
	for (size_t i = 0; i < length; i++)
	{
		if (i > 0 && (length - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
}

static void
make_text(Throughput *throughput, const char *verb)
{
	char there[32];
	char whole[32];
	char rate[32] = "";
	double bytes = throughput->rate;

	if (bytes >= 999500)
		snprintf(rate, sizeof rate, ", %.1f MB/s", bytes / 1e6);
	else if (bytes >= 1)
		snprintf(rate, sizeof rate, ", %.0f kB/s", bytes / 1e3);
	print_megabytes(throughput->bytes, there);
	print_megabytes(throughput->total, whole);
	if (throughput->total >= 1000000)
		snprintf(throughput->text, sizeof throughput->text, "%.30s%s, %s of %s MB", verb,
				 rate, there, whole);
	else if (throughput->bytes >= 1000000)
		snprintf(throughput->text, sizeof throughput->text, "%.30s%s, %s MB", verb, rate,
				 there);
	else
		snprintf(throughput->text, sizeof throughput->text, "%.30s%s", verb, rate);
}

static void
mark(Throughput *throughput, int64_t bytes, double now)
{
	throughput->marked = now;
	throughput->at_mark = bytes;
}

const char *
throughput_step(Throughput *throughput, const char *verb, int64_t bytes)
{
	double now = clock_seconds();

	if (throughput->began <= 0)
	{
		throughput->began = throughput->ended = now;
		throughput->first = throughput->bytes = bytes;
		mark(throughput, bytes, now);
	}
	if (bytes < throughput->bytes) /* from there again */
	{
		throughput->first -= throughput->bytes - bytes;
		mark(throughput, bytes, now);
	}
	if (bytes != throughput->bytes)
		throughput->ended = now;
	throughput->bytes = bytes;
	if (now - throughput->marked >= RATE_SECONDS)
	{
		throughput->rate =
			(double) (bytes - throughput->at_mark) / (now - throughput->marked);
		mark(throughput, bytes, now);
	}
	if (throughput->text[0] == '\0' || now - throughput->shown >= SHOW_SECONDS)
	{
		make_text(throughput, verb);
		throughput->shown = now;
	}
	return throughput->text;
}

int64_t
throughput_bytes(const Throughput *throughput)
{
	return throughput->bytes - throughput->first;
}

double
throughput_seconds(const Throughput *throughput)
{
	return throughput->ended - throughput->began;
}
