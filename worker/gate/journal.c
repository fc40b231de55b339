/*
 * gate/journal.c
 *	  Naming requests, and writing down that they are over.
 *
 * The log tells the shape of a path and nothing of the query: both may hold what a person would
 * not want to be read by who keeps the machine.
 */
#include "gate/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "gate/gate.h"

#define STATUS_GONE 499

static bool
all_of(Slice text, const char *allowed)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] == '\0' || strchr(allowed, text.at[i]) == NULL)
			return false;
	return text.length > 0;
}

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

void
journal_begin(Exchange *exchange)
{
	const Slice *said = head_field(&exchange->head, "x-request-id");
	uint64_t number = 0;

	if (said != NULL && said->length < sizeof exchange->id &&
		all_of(*said, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "._-"))
	{
		memcpy(exchange->id, said->at, said->length);
		exchange->id[said->length] = '\0';
		return;
	}
	(void) !getrandom(&number, sizeof number, 0);
	(void) snprintf(exchange->id, sizeof exchange->id, "%016" PRIx64, number);
}

static const char *
word_of(Slice segment)
{
	if (all_of(segment, DIGITS "abcdefABCDEF-") &&
		(segment.length == 36 || all_of(segment, DIGITS)))
		return "{id}";
	return segment.length <= 63 && all_of(segment, LOWER "_-") ? NULL : "{value}";
}

void
journal_shape(Slice path, char *shape, size_t size)
{
	size_t at = 0;

	for (size_t from = 0; from < path.length && at + 1 < size;)
	{
		const char *slash = memchr(path.at + from + 1, '/', path.length - from - 1);
		size_t to = slash != NULL ? (size_t) (slash - path.at) : path.length;
		Slice segment = {path.at + from + 1, to - from - 1};
		const char *word =
			segment.length > 0 && !slice_is(segment, "v1") ? word_of(segment) : NULL;

		at += (size_t) snprintf(shape + at, size - at, "/%.*s",
								word != NULL ? (int) strlen(word) : (int) segment.length,
								word != NULL ? word : segment.at);
		from = to;
	}
	shape[at < size ? at : size - 1] = '\0';
}

void
journal_over(void *arg, const Exchange *exchange, int status, double seconds)
{
	Gate *gate = arg;
	LogIds ids = {.attempt = 0};
	char method[33];
	char path[256];

	counters_add(gate->counters, exchange, status, seconds);
	/* who watches asks all the time */
	if (exchange->path.length > strlen("/health/") &&
		memcmp(exchange->path.at, "/health/", strlen("/health/")) == 0 && status == 200)
		return;
	(void) snprintf(ids.correlation, sizeof ids.correlation, "%s", exchange->id);
	(void) snprintf(method, sizeof method, "%.*s",
					exchange->head.method.length > 0 ? (int) exchange->head.method.length
													 : 1,
					exchange->head.method.length > 0 ? exchange->head.method.at : "-");
	journal_shape(exchange->path, path, sizeof path);
	log_request(&ids,
				&(LogRequest){method, path, status > 0 ? status : STATUS_GONE, seconds,
							  exchange->user != NULL ? exchange->user : ""});
}
