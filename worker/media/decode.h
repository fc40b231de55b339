/*
 * media/decode.h
 *	  Decodes the sound of a recording in chunks, on several threads, in order.
 *
 * The demuxing thread fills chunks of packets and submits them; threads decode them to mono
 * and measure them; the demuxing thread takes them back in the order of submission. Each
 * chunk is decoded by a fresh decoder that is warmed up with the last packets of the chunk
 * before, so the result does not depend on the number of threads (flushing a decoder is not
 * enough: AAC keeps the state of its noise generator). A codec whose warm-up is not known
 * keeps one decoder for all its chunks and then needs a pool of one thread.
 */
#ifndef LEAP_MEDIA_DECODE_H
#define LEAP_MEDIA_DECODE_H

#include "media/libav.h"

#define CHUNK_PACKETS 512
#define CHUNK_BYTES   (1024 * 1024)
#define MAX_WARM_UP   16
#define BLOCK_SAMPLES 16

/* Loudness of up to 16 samples: fine enough to sum up to any hop of the envelope. */
typedef struct SoundBlock
{
	float energy; /* sum of squares of the mono mix */
	float peak;   /* greatest amplitude over the channels */
} SoundBlock;

/* One decoded frame: it begins with a new block. */
typedef struct SoundRun
{
	int64_t timestamp; /* in the stream's time base, or AV_NOPTS_VALUE */
	int rate;
	size_t samples;
	size_t first_sample; /* in the chunk's mono */
	size_t first_block;  /* in the chunk's blocks */
	int64_t position;    /* of its packet in the file, or -1 */
} SoundRun;

/* What decoding one track takes. */
typedef struct SoundSource
{
	const AVCodecParameters *parameters;
	AVRational time_base;
	int warm_up;             /* packets; -1: not known, one decoder for all chunks */
	AVCodecContext *decoder; /* that one */
} SoundSource;

typedef struct SoundChunk
{
	SoundSource *source;
	void *owner; /* the caller's */
	AVPacket *packets[CHUNK_PACKETS + MAX_WARM_UP];
	int packet_count;
	int warm; /* of them, decoded only to warm up */
	size_t bytes;
	bool last; /* the end of the track: what the decoder holds back is wanted too */

	float *mono;
	size_t sample_count;
	size_t sample_capacity;
	SoundBlock *blocks;
	size_t block_count;
	size_t block_capacity;
	SoundRun *runs;
	size_t run_count;
	size_t run_capacity;
	int64_t errors;         /* packets that could not be decoded */
	int64_t error_at;       /* time stamp of the first of them */
	int64_t error_position; /* and where in the file it lies, or -1 */
	bool out_of_memory;

	bool done;
	struct SoundChunk *next;
} SoundChunk;

typedef struct DecodePool DecodePool;

/* Prepares a source; false when libav has no decoder for the codec. */
bool sound_source_init(SoundSource *source, const AVStream *stream);
void sound_source_free(SoundSource *source);

DecodePool *decode_pool_new(int threads, Error *err);

/* Ends the threads and frees all chunks, finished or not. */
void decode_pool_free(DecodePool *pool);

/* An empty chunk, warmed up from `before` (the same track's last, or NULL); NULL without
 * memory. */
SoundChunk *decode_pool_chunk(DecodePool *pool, SoundSource *source,
							  const SoundChunk *before);

/* Moves the packet into the chunk, which has room (sound_chunk_is_full). */
void sound_chunk_add(SoundChunk *chunk, AVPacket *packet);
bool sound_chunk_is_full(const SoundChunk *chunk);

void decode_pool_submit(DecodePool *pool, SoundChunk *chunk);

/* Chunks submitted and not yet taken. */
int decode_pool_pending(const DecodePool *pool);

/* The oldest submitted chunk when it is finished, or after waiting for it; else NULL. */
SoundChunk *decode_pool_take(DecodePool *pool, bool wait);
void decode_pool_release(DecodePool *pool, SoundChunk *chunk);

static inline void
cleanup_decode_pool(DecodePool **pool)
{
	decode_pool_free(*pool);
}

#endif
