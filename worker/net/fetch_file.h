/*
 * net/fetch_file.h
 *	  The file that a download fills: from its beginning on, and here and there ahead of that.
 *
 * The head, [0, state->offset), is hashed while it comes. What was fetched ahead of it is not
 * written again when the head gets there, but compared: it must be the same file.
 */
#ifndef LEAP_NET_FETCH_FILE_H
#define LEAP_NET_FETCH_FILE_H

#include "base/ranges.h"
#include "net/fetch.h"
#include "net/fetch_hash.h"

typedef struct FetchFile
{
	int fd;
	FetchState *state;
	const FetchReader *reader; /* or NULL */
	Ranges ahead;              /* what is there behind the head */
	FetchHash *hash;           /* of the head; NULL = not begun */
} FetchFile;

typedef enum FetchPlaced
{
	PLACED,
	PLACED_MISFIT, /* not the bytes that are there already: another file */
	PLACED_FAILED  /* the storage; *err */
} FetchPlaced;

/* Nothing is there: the file begins anew. */
bool fetch_file_empty(FetchFile *file, Error *err);

/* Brings the hash up to the end of the head; tick (may end it) is called now and then. */
bool fetch_file_catch_up(FetchFile *file, bool (*tick)(void *arg), void *arg, Error *err);

/* Bytes of the file from `at` on, which is not behind the head's end. */
FetchPlaced fetch_file_place(FetchFile *file, int64_t at, const char *bytes,
							 size_t length, Error *err);

/* Bytes ahead of the head; false with *err. */
bool fetch_file_place_ahead(FetchFile *file, int64_t at, const char *bytes, size_t length,
							Error *err);

/* The head is all: cuts off what else is there, and tells the hash. */
bool fetch_file_finish(FetchFile *file, char sha256[HASH_HEX_SIZE], Error *err);

void cleanup_fetch_file(FetchFile *file);

#endif
