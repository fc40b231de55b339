/*
 * net/fetch.h
 *	  Downloading a file from a user's URL, so that a broken connection costs only what is
 *	  missing and a wrong file is never taken for the right one.
 */
#ifndef LEAP_NET_FETCH_H
#define LEAP_NET_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/report.h"
#include "base/throughput.h"

/* How far a download is; what the next attempt needs to go on. */
typedef struct FetchState
{
	int64_t offset;      /* bytes of the file that are complete */
	int64_t total;       /* -1 = not known */
	char validator[256]; /* what proves that the file is still the same; "" = nothing */
} FetchState;

#define FETCH_STATE_NEW                           \
	{                                             \
		.offset = 0, .total = -1, .validator = "" \
	}

/* Somebody who reads the file while it comes. All of these are called often. */
typedef struct FetchReader
{
	/* These bytes are there; total is the size of the file, or -1. */
	void (*there)(void *arg, int64_t from, int64_t to, int64_t total);

	/* What was there is no longer: another file begins. False with *err ends the download. */
	bool (*anew)(void *arg, Error *err);

	/* What is needed before its time: an offset, or -1. False with *err: nobody needs this
	 * file any more. */
	bool (*wanted)(void *arg, int64_t *offset, Error *err);
	int fd; /* becomes readable when something is wanted; -1 = nothing will be. May change */
	void *arg;
} FetchReader;

typedef struct Fetch
{
	const char *url;
	const char
		*shown; /* names the URL in messages, where its path is a secret, too; NULL =
						* the URL without its query, after redirects elsewhere their origin */
	const char *const
		*headers;     /* secrets: sent to the URL's own origin only; may be NULL */
	const char *etag; /* with quotes: answers with another strong one are of another file,
						 * input, source_changed; NULL or "" = whatever comes */
	int fd;           /* open for reading and writing; holds state->offset bytes */
	int64_t most_bytes; /* more than this is an input error, too_large */
	int64_t free_bytes; /* more than this is transient, storage_full */
	bool allow_private_addresses;

	const Reporter *reporter; /* progress is scaled into from..to */
	double from;
	double to;
	Throughput *throughput;    /* filled in; may be NULL */
	const FetchReader *reader; /* may be NULL */

	/* Stores the state durably, so that another process can go on; the file's bytes up to
	 * the offset are on disk before. May be NULL; false = not stored: stop. */
	bool (*save)(void *arg, const FetchState *state);
	void *arg;
} Fetch;

/*
 * Fetches the whole file. Connections that break are taken up again where they broke, a
 * bounded number of times without progress; after a failure state tells what is there.
 * sha256 receives the hash of the whole file.
 *
 * Error codes: bad_url, address_refused, bad_certificate, too_many_redirects (permanent);
 * source_missing, html_instead_of_media, too_large (input); access_denied (permanent);
 * rate_limited (with retry_after); server_error, server_busy, connection_lost,
 * storage_full (transient); cancelled (lost); and those of the reader.
 */
bool fetch_file(const Fetch *fetch, FetchState *state, char sha256[HASH_HEX_SIZE],
				Error *err);

#endif
