/*
 * media/decode_chunk.h
 *	  Between decode.c, which decodes a chunk, and decode_pool.c, whose threads do.
 */
#ifndef LEAP_MEDIA_DECODE_CHUNK_H
#define LEAP_MEDIA_DECODE_CHUNK_H

#include "media/decode.h"

/* What a thread keeps between chunks. */
typedef struct DecodeScratch
{
	AVFrame *frame;
	AVFrame *converted;
	SwrContext *swr;
} DecodeScratch;

/* Fills the results of a chunk from its packets. */
void decode_chunk(SoundChunk *chunk, DecodeScratch *scratch);

#endif
