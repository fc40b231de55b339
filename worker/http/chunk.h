/*
 * http/chunk.h
 *	  Takes a chunked body apart while it arrives (RFC 9112, 7.1), strictly.
 *
 * Chunk extensions and trailers are refused: nothing here needs them, and programs disagree
 * about where they end.
 */
#ifndef LEAP_HTTP_CHUNK_H
#define LEAP_HTTP_CHUNK_H

#include <stddef.h>
#include <stdint.h>

typedef enum ChunkPlace
{
	CHUNK_SIZE,      /* before the first digit */
	CHUNK_SIZE_MORE, /* within the size */
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_END_CR, /* after the last chunk: the empty line */
	CHUNK_END_LF,
	CHUNK_ENDED,
	CHUNK_REFUSED
} ChunkPlace;

typedef struct ChunkReader
{
	ChunkPlace place;
	int digits;
	uint64_t left; /* bytes of this chunk still to come */
} ChunkReader;

/* {0} is the beginning of a body. */

/* Takes up to `length` bytes. Answers how many of them it used; *data and *data_length become
 * the part of them that is body (length 0: none). Call it again with the rest until it has used
 * everything, or place is CHUNK_ENDED (what follows belongs to the next request) or
 * CHUNK_REFUSED (answer 400 and close). */
size_t chunk_read(ChunkReader *reader, const char *bytes, size_t length,
				  const char **data, size_t *data_length);

#endif
