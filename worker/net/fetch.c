/*
 * net/fetch.c
 *	  Downloading a file from a user's URL.
 *
 * A download goes on only if the file is provably the same: If-Range with the strong ETag
 * or the date of change (RFC 9110, 13.1.5); where the server gives neither, the request
 * begins a little earlier and the overlapping bytes are compared. Whatever does not fit
 * together begins again from the first byte.
 */
#include "net/fetch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/fetch_ahead.h"
#include "net/fetch_file.h"
#include "net/transfer.h"

#define HOPS_MOST    10
#define TRIES_MOST   5         /* in a row that brought little */
#define ENOUGH_BYTES (1 << 20) /* a try that brought so much was none in vain */
#define PAUSE_FIRST  1.0       /* seconds after a broken connection */
#define PAUSE_MOST   30.0
#define OVERLAP      (64 << 10)
#define SNIFF_BYTES  4096
#define SAVE_SECONDS 10.0

/* Why a transfer was ended by us. */
typedef enum Stop
{
	STOP_NONE,
	STOP_ERROR,   /* download->err says why */
	STOP_ANEW,    /* what is there does not fit: from the first byte */
	STOP_FINISHED /* nothing is missing */
} Stop;

typedef struct Download
{
	const Fetch *fetch;
	FetchState *state;
	FetchFile file;
	FetchAhead ahead;
	Transfer transfer;
	char url[URL_SIZE]; /* after redirects */
	char shown[300];    /* the same, for messages */
	int64_t at;         /* where the next byte of the answer belongs */
	Answer answer;
	Stop stop;
	double saved_at;
	char sniffed[SNIFF_BYTES];
	Error *err;
} Download;

static bool
stop(Download *download, Stop why)
{
	download->stop = why;
	return false;
}

/* What there is to tell of the bytes that are there. */
static const char *
count(Download *download)
{
	Throughput *throughput = download->fetch->throughput;

	if (throughput == NULL)
		return "fetching";
	throughput->total = download->state->total;
	return throughput_step(throughput, "fetching", download->state->offset);
}

static bool
tell_progress(Download *download)
{
	const Fetch *fetch = download->fetch;
	const FetchState *state = download->state;
	double share = state->total > 0 ? (double) state->offset / (double) state->total : 0;
	const char *step = count(download);

	return fetch->reporter == NULL ||
		   fetch->reporter->progress(fetch->reporter->arg,
									 fetch->from + share * (fetch->to - fetch->from),
									 step);
}

static bool
take_tick(void *arg)
{
	Download *download = arg;
	const FetchReader *reader = download->fetch->reader;

	if (!tell_progress(download))
	{
		error_set(download->err, ERROR_LOST, "cancelled", NULL, "stopped on request");
		return stop(download, STOP_ERROR);
	}
	return reader == NULL ||
		   reader->wanted(reader->arg, &download->ahead.wanted, download->err) ||
		   stop(download, STOP_ERROR);
}

static const Transfer *
take_beside(void *arg)
{
	Download *download = arg;

	return fetch_ahead_next(&download->ahead);
}

static bool
refuse_html(Download *download)
{
	error_set(
		download->err, ERROR_INPUT, "html_instead_of_media",
		"Open the link in a browser that is not signed in: it must download the video "
		"at once, without a page in between.",
		"%s gives a web page instead of a recording", download->shown);
	return stop(download, STOP_ERROR);
}

/* Is there room for a file of so many bytes? */
static bool
check_size(Download *download, int64_t bytes)
{
	const Fetch *fetch = download->fetch;

	if (bytes > fetch->most_bytes)
	{
		error_set(download->err, ERROR_INPUT, "too_large",
				  "Make the recording smaller, or ask the operator for a higher limit.",
				  "the file has %" PRId64 " bytes; the limit is %" PRId64, bytes,
				  fetch->most_bytes);
		return stop(download, STOP_ERROR);
	}
	if (bytes > fetch->free_bytes)
	{
		error_set(download->err, ERROR_TRANSIENT, "storage_full",
				  "Make room on the storage.",
				  "the file has %" PRId64 " bytes; the storage has room for %" PRId64,
				  bytes, fetch->free_bytes);
		return stop(download, STOP_ERROR);
	}
	return true;
}

/* A whole file from its first byte. */
static bool
begin_whole(Download *download, const Answer *answer)
{
	FetchState *state = download->state;

	if (!fetch_file_empty(&download->file, download->err))
		return stop(download, STOP_ERROR);
	state->total = answer->length;
	snprintf(state->validator, sizeof state->validator, "%s", answer_validator(answer));
	download->at = 0;
	return check_size(download, state->total);
}

/* The rest of a file whose beginning is there: does it fit? */
static bool
begin_rest(Download *download, const Answer *answer)
{
	FetchState *state = download->state;

	if (answer->range_start != download->at || answer->range_total < state->offset ||
		(state->total >= 0 && answer->range_total != state->total))
		return stop(download, STOP_ANEW);
	state->total = answer->range_total;
	return check_size(download, state->total);
}

/* Is it said to be another file than the one that is wanted? */
static bool
is_another(const Download *download, const Answer *answer)
{
	const char *wanted = download->fetch->etag;

	return wanted != NULL && wanted[0] != '\0' && answer->etag[0] == '"' &&
		   strcmp(wanted, answer->etag) != 0;
}

static bool
refuse_another(Download *download)
{
	error_set(download->err, ERROR_INPUT, "source_changed",
			  "The next sync finds what is there now as a recording of its own.",
			  "the server has another file there now: %s", download->shown);
	return stop(download, STOP_ERROR);
}

static bool
take_head(void *arg, const Answer *answer)
{
	Download *download = arg;

	if (answer->status == 416 && download->at > 0)
		return stop(download, answer->range_total == download->state->offset &&
									  download->state->validator[0] != '\0'
								  ? STOP_FINISHED
								  : STOP_ANEW);
	if (answer->status >= 300)
		return true;
	if (strcmp(answer->content_type, "text/html") == 0 ||
		strcmp(answer->content_type, "application/xhtml+xml") == 0)
		return refuse_html(download);
	if (is_another(download, answer))
		return refuse_another(download);
	if (answer->status == 206 && download->at > 0)
		return begin_rest(download, answer);
	if (answer->status == 200)
		return begin_whole(download, answer);
	answer_error(answer, download->shown, download->err);
	return stop(download, STOP_ERROR);
}

/* Judges the first bytes of the file as they come, wherever the pieces end. */
static bool
sniff(Download *download, const char *bytes, size_t length)
{
	size_t at = (size_t) download->at;
	size_t room = download->at < SNIFF_BYTES ? SNIFF_BYTES - at : 0;

	if (room == 0)
		return true;
	if (length > room)
		length = room;
	memcpy(download->sniffed + at, bytes, length);
	return !answer_is_html(download->sniffed, at + length) || refuse_html(download);
}

static bool
save(Download *download)
{
	const Fetch *fetch = download->fetch;

	download->saved_at = clock_seconds();
	if (fetch->save == NULL || download->state->offset == 0)
		return true;
	if (fdatasync(fetch->fd) < 0)
		return error_errno(download->err, "storage_failed", "cannot store the file");
	return fetch->save(fetch->arg, download->state) ||
		   error_set(download->err, ERROR_LOST, "cancelled", NULL,
					 "the state of the download could not be stored");
}

static bool
take_body(void *arg, const char *bytes, size_t length)
{
	Download *download = arg;

	if (download->answer.status >= 300)
		return true;
	if (!sniff(download, bytes, length))
		return false;
	switch (fetch_file_place(&download->file, download->at, bytes, length, download->err))
	{
		case PLACED:
			break;
		case PLACED_MISFIT:
			return stop(download, STOP_ANEW);
		case PLACED_FAILED:
			return stop(download, STOP_ERROR);
	}
	download->at += (int64_t) length;
	if (!check_size(download, download->state->offset))
		return false;
	if (clock_seconds() - download->saved_at >= SAVE_SECONDS && !save(download))
		return stop(download, STOP_ERROR);
	return true;
}

/* One request to download->url for what is missing. */
static TransferEnd
request(Download *download, char location[URL_SIZE])
{
	const Fetch *fetch = download->fetch;
	const FetchState *state = download->state;
	int64_t overlap = state->validator[0] != '\0' ? 0 : OVERLAP;
	bool own = url_same_origin(fetch->url, download->url);

	download->transfer = (Transfer){
		.url = download->url,
		.shown = download->shown,
		.from = state->offset > overlap ? state->offset - overlap : 0,
		.validator = state->validator,
		.headers = own ? fetch->headers : NULL,
		.allow_private_addresses = fetch->allow_private_addresses,
		.head = take_head,
		.body = take_body,
		.tick = take_tick,
		.arg = download,
		.beside = fetch->reader != NULL ? take_beside : NULL,
		.watched = fetch->reader != NULL ? &fetch->reader->fd : NULL,
	};

	download->at = download->transfer.from;
	download->stop = STOP_NONE;
	if (fetch->shown != NULL)
		snprintf(download->shown, sizeof download->shown, "%s", fetch->shown);
	else if (own)
		url_redact(download->url, download->shown, sizeof download->shown);
	else
		url_origin(download->url, download->shown, sizeof download->shown);
	return transfer_run(&download->transfer, &download->answer, location, download->err);
}

/* The request and the redirects it meets; a redirect is judged like a user's URL. */
static TransferEnd
request_and_follow(Download *download)
{
	char location[URL_SIZE];

	snprintf(download->url, sizeof download->url, "%s", download->fetch->url);
	for (int hop = 0; hop <= HOPS_MOST; hop++)
	{
		TransferEnd end = request(download, location);
		int status = download->answer.status;

		if (end != TRANSFER_COMPLETE || status < 300)
			return end;
		if (status >= 400 || location[0] == '\0')
		{
			answer_error(&download->answer, download->shown, download->err);
			return TRANSFER_REFUSED;
		}
		if (!url_check(location, download->err))
			return TRANSFER_REFUSED;
		snprintf(download->url, sizeof download->url, "%s", location);
	}
	error_set(download->err, ERROR_PERMANENT, "too_many_redirects",
			  "Check the link in a browser.", "%s redirects more than %d times",
			  download->shown, HOPS_MOST);
	return TRANSFER_REFUSED;
}

/* Waits before the next try; false when told to stop. */
static bool
pause_between(Download *download, int tries)
{
	double until = clock_seconds() + clock_backoff(tries, PAUSE_FIRST, PAUSE_MOST);
	struct timespec moment = {.tv_sec = 0, .tv_nsec = 100 * 1000 * 1000};

	while (clock_seconds() < until)
	{
		if (!take_tick(download))
			return false;
		(void) nanosleep(&moment, NULL);
	}
	return true;
}

/* Did a transfer that ended well bring the whole file? */
static bool
is_whole(const Download *download)
{
	const FetchState *state = download->state;

	return download->stop == STOP_FINISHED || state->total < 0 ||
		   state->offset == state->total;
}

static bool
forget(Download *download)
{
	download->state->total = -1;
	download->state->validator[0] = '\0';
	return fetch_file_empty(&download->file, download->err);
}

/* What came is not what is missing: begins anew, or goes on where it ended. */
static bool
explain_misfit(Download *download, TransferEnd end)
{
	const FetchState *state = download->state;

	if (end == TRANSFER_STOPPED)
	{
		error_set(download->err, ERROR_TRANSIENT, "source_changed", NULL,
				  "%s changed while it was fetched", download->shown);
		return forget(download);
	}
	error_set(download->err, ERROR_TRANSIENT, "connection_lost", NULL,
			  "%s ended after %" PRId64 " of %" PRId64 " bytes", download->shown,
			  state->offset, state->total);
	return true;
}

/* Tries until the file is complete or there is no sense in going on. */
static bool
fetch_all(Download *download)
{
	FetchState *state = download->state;

	for (int tries = 1;; tries++)
	{
		int64_t before = state->offset;
		TransferEnd end = request_and_follow(download);

		if ((end == TRANSFER_COMPLETE && is_whole(download)) ||
			(end == TRANSFER_STOPPED && download->stop == STOP_FINISHED))
			return true;
		if (end == TRANSFER_REFUSED ||
			(end == TRANSFER_STOPPED && download->stop == STOP_ERROR))
			return false;
		if (end != TRANSFER_BROKEN && !explain_misfit(download, end))
			return false;
		if (state->offset - before >= ENOUGH_BYTES)
			tries = 1;
		if (!save(download) || tries >= TRIES_MOST)
			return false;
		log_info("fetch: try %d at byte %" PRId64 ": %s", tries + 1, state->offset,
				 download->err->message);
		if (!pause_between(download, tries))
			return false;
	}
}

bool
fetch_file(const Fetch *fetch, FetchState *state, char sha256[HASH_HEX_SIZE], Error *err)
{
	Error unheard = {0};
	Download download = {
		.fetch = fetch,
		.state = state,
		.file = {.fd = fetch->fd,        .state = state,             .reader = fetch->reader},
		.ahead = {.file = &download.file, .main = &download.transfer, .wanted = -1           },
		.err = err != NULL ? err : &unheard,
		.saved_at = clock_seconds()
    };
	bool done;

	answer_clear(&download.answer);
	count(&download);
	done = url_check(fetch->url, download.err) &&
		   fetch_file_catch_up(&download.file, take_tick, &download, download.err) &&
		   fetch_all(&download) &&
		   fetch_file_finish(&download.file, sha256, download.err);
	count(&download);
	cleanup_fetch_file(&download.file);
	return done;
}
