/*
 * net/fetch_ahead.c
 *	  A part of a file fetched before its time.
 */
#include "net/fetch_ahead.h"

#include "base/log.h"

#define REQUESTS_MOST 32
#define BYTES_MOST    ((int64_t) 128 << 20)

/* All up to the end where that is not more than this, else one piece. */
#define END_MOST ((int64_t) 64 << 20)
#define PIECE    ((int64_t) 4 << 20)

static bool
take_head(void *arg, const Answer *answer)
{
	FetchAhead *ahead = arg;

	ahead->refused = answer->status != 206 || answer->range_start != ahead->at ||
					 answer->range_total != ahead->file->state->total;
	return !ahead->refused;
}

/* The download itself may have come here meanwhile: what it brought is not overwritten. */
static bool
is_overtaken(void *arg)
{
	const FetchAhead *ahead = arg;

	return ahead->at < ahead->file->state->offset;
}

static bool
take_body(void *arg, const char *bytes, size_t length)
{
	FetchAhead *ahead = arg;
	Error err;

	if (is_overtaken(ahead))
		return false;
	if ((int64_t) length > ahead->transfer.until - ahead->at)
		length = (size_t) (ahead->transfer.until - ahead->at);
	if (!fetch_file_place_ahead(ahead->file, ahead->at, bytes, length, &err))
	{
		log_warning("fetch: %s", err.message);
		ahead->refused = true;
		return false;
	}
	ahead->at += (int64_t) length;
	ahead->bytes += (int64_t) length;
	return true;
}

static bool
take_tick(void *arg)
{
	return !is_overtaken(arg);
}

static void
take_over(void *arg, TransferEnd end)
{
	const FetchAhead *ahead = arg;

	log_debug("fetch: bytes %lld to %lld came ahead (%s)",
			  (long long) ahead->transfer.from, (long long) ahead->at,
			  end == TRANSFER_COMPLETE ? "complete" : "broken off");
}

const Transfer *
fetch_ahead_next(FetchAhead *ahead)
{
	const FetchState *state = ahead->file->state;
	int64_t from = ahead->wanted;
	int64_t until = state->total - from <= END_MOST ? state->total : from + PIECE;
	int64_t next = ranges_next(&ahead->file->ahead, from);

	ahead->wanted = -1;
	if (from <= state->offset || from >= state->total || ahead->refused ||
		ranges_end(&ahead->file->ahead, from) > from)
		return NULL;
	if (until > next)
		until = next;
	if (ahead->requests == REQUESTS_MOST || ahead->bytes + until - from > BYTES_MOST)
	{
		ahead->refused = true;
		return NULL;
	}
	ahead->requests++;
	ahead->at = from;
	ahead->transfer = *ahead->main;
	ahead->transfer.from = from;
	ahead->transfer.until = until;
	ahead->transfer.validator = state->validator;
	ahead->transfer.head = take_head;
	ahead->transfer.body = take_body;
	ahead->transfer.tick = take_tick;
	ahead->transfer.over = take_over;
	ahead->transfer.arg = ahead;
	ahead->transfer.beside = NULL;
	return &ahead->transfer;
}
