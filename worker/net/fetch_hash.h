/*
 * net/fetch_hash.h
 *	  The hash of a file that grows, made by a thread while it does.
 */
#ifndef LEAP_NET_FETCH_HASH_H
#define LEAP_NET_FETCH_HASH_H

#include "base/hash.h"

typedef struct FetchHash FetchHash;

/* Begins at the first byte of the file; NULL when the machine has no thread. */
FetchHash *fetch_hash_begin(int fd);

/* The first `end` bytes are there and stay as they are. Waits where the hash is far behind, so
 * that little is left at the end. */
void fetch_hash_to(FetchHash *hash, int64_t end);

/* The same, and waits until all of them are in the hash; tick (NULL = none) is called now and
 * then and may end that. False: it did, or *err. */
bool fetch_hash_wait(FetchHash *hash, int64_t end, bool (*tick)(void *arg), void *arg,
					 Error *err);

/* Of the first `end` bytes. */
bool fetch_hash_finish(FetchHash *hash, int64_t end, char sha256[HASH_HEX_SIZE],
					   Error *err);

/* Ends the thread; NULL is allowed. */
void fetch_hash_end(FetchHash *hash);

#endif
