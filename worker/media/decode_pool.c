/*
 * media/decode_pool.c
 *	  The threads that decode chunks, and the order in which chunks come back.
 *
 * One list holds all submitted chunks in order; `todo` points at the first that no thread
 * has begun, the head is the next to be taken.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "media/decode_chunk.h"

#define MAX_THREADS 8

struct DecodePool
{
	pthread_t threads[MAX_THREADS];
	int thread_count;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	SoundChunk *head;
	SoundChunk *tail;
	SoundChunk *todo;
	SoundChunk *unused;
	int pending;
	bool ending;
};

static SoundChunk *
begin_chunk(DecodePool *pool)
{
	SoundChunk *chunk;

	pthread_mutex_lock(&pool->lock);
	while (pool->todo == NULL && !pool->ending)
		pthread_cond_wait(&pool->changed, &pool->lock);
	chunk = pool->ending ? NULL : pool->todo;
	if (chunk != NULL)
		pool->todo = chunk->next;
	pthread_mutex_unlock(&pool->lock);
	return chunk;
}

static void *
run_thread(void *arg)
{
	DecodePool *pool = arg;
	DecodeScratch scratch = {av_frame_alloc(), av_frame_alloc(), NULL};
	SoundChunk *chunk;

	while ((chunk = begin_chunk(pool)) != NULL)
	{
		decode_chunk(chunk, &scratch);
		pthread_mutex_lock(&pool->lock);
		chunk->done = true;
		pthread_cond_broadcast(&pool->changed);
		pthread_mutex_unlock(&pool->lock);
	}
	av_frame_free(&scratch.frame);
	av_frame_free(&scratch.converted);
	swr_free(&scratch.swr);
	return NULL;
}

DecodePool *
decode_pool_new(int threads, Error *err)
{
	DecodePool *pool = calloc(1, sizeof *pool);

	threads = threads < 1 ? 1 : threads > MAX_THREADS ? MAX_THREADS : threads;
	if (pool == NULL)
	{
		error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL, "no memory for decoding");
		return NULL;
	}
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->changed, NULL);
	while (pool->thread_count < threads &&
		   pthread_create(&pool->threads[pool->thread_count], NULL, run_thread, pool) ==
			   0)
		pool->thread_count++;
	if (pool->thread_count > 0)
		return pool;
	error_set(err, ERROR_TRANSIENT, "out_of_threads",
			  "Raise the limit on processes or run fewer tasks at once.",
			  "cannot start a thread to decode sound");
	decode_pool_free(pool);
	return NULL;
}

static void
free_chunks(SoundChunk *chunk)
{
	while (chunk != NULL)
	{
		SoundChunk *next = chunk->next;

		for (int i = 0; i < CHUNK_PACKETS + MAX_WARM_UP; i++)
			av_packet_free(&chunk->packets[i]);
		free(chunk->mono);
		free(chunk->blocks);
		free(chunk->runs);
		free(chunk);
		chunk = next;
	}
}

void
decode_pool_free(DecodePool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->thread_count; i++)
		pthread_join(pool->threads[i], NULL);
	free_chunks(pool->head);
	free_chunks(pool->unused);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

/* Only the demuxing thread touches the list of unused chunks. */
static SoundChunk *
reuse_chunk(DecodePool *pool)
{
	SoundChunk *chunk = pool->unused;

	if (chunk == NULL)
		return calloc(1, sizeof *chunk);
	pool->unused = chunk->next;
	chunk->packet_count = 0;
	chunk->warm = 0;
	chunk->bytes = 0;
	chunk->sample_count = 0;
	chunk->block_count = 0;
	chunk->run_count = 0;
	chunk->errors = 0;
	chunk->last = false;
	chunk->done = false;
	chunk->next = NULL;
	return chunk;
}

/* The next free packet of a chunk, made when it is used first. */
static AVPacket *
next_packet(SoundChunk *chunk)
{
	AVPacket **packet = &chunk->packets[chunk->packet_count];

	if (*packet == NULL)
		*packet = av_packet_alloc();
	if (*packet != NULL)
		chunk->packet_count++;
	return *packet;
}

SoundChunk *
decode_pool_chunk(DecodePool *pool, SoundSource *source, const SoundChunk *before)
{
	SoundChunk *chunk = reuse_chunk(pool);
	int warm = source->warm_up;

	if (chunk == NULL)
		return NULL;
	chunk->source = source;
	if (before == NULL || warm <= 0)
		return chunk;
	warm = warm < before->packet_count ? warm : before->packet_count;
	for (int i = before->packet_count - warm; i < before->packet_count; i++)
	{
		AVPacket *packet = next_packet(chunk);

		if (packet != NULL && av_packet_ref(packet, before->packets[i]) < 0)
			chunk->packet_count--;
	}
	chunk->warm = chunk->packet_count;
	return chunk;
}

bool
sound_chunk_is_full(const SoundChunk *chunk)
{
	return chunk->packet_count - chunk->warm >= CHUNK_PACKETS ||
		   chunk->bytes >= CHUNK_BYTES;
}

void
sound_chunk_add(SoundChunk *chunk, AVPacket *packet)
{
	AVPacket *kept = next_packet(chunk);

	chunk->bytes += (size_t) packet->size;
	if (kept != NULL)
		av_packet_move_ref(kept, packet);
	else
		chunk->out_of_memory = true;
}

void
decode_pool_submit(DecodePool *pool, SoundChunk *chunk)
{
	pthread_mutex_lock(&pool->lock);
	if (pool->tail != NULL)
		pool->tail->next = chunk;
	else
		pool->head = chunk;
	pool->tail = chunk;
	if (pool->todo == NULL)
		pool->todo = chunk;
	pool->pending++;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}

int
decode_pool_pending(const DecodePool *pool)
{
	return pool->pending; /* changed by the demuxing thread alone */
}

SoundChunk *
decode_pool_take(DecodePool *pool, bool wait)
{
	SoundChunk *chunk;

	pthread_mutex_lock(&pool->lock);
	while (wait && pool->head != NULL && !pool->head->done)
		pthread_cond_wait(&pool->changed, &pool->lock);
	chunk = pool->head;
	if (chunk != NULL && !chunk->done)
		chunk = NULL;
	if (chunk != NULL)
	{
		pool->head = chunk->next;
		if (pool->head == NULL)
			pool->tail = NULL;
		chunk->next = NULL;
		pool->pending--;
	}
	pthread_mutex_unlock(&pool->lock);
	return chunk;
}

void
decode_pool_release(DecodePool *pool, SoundChunk *chunk)
{
	for (int i = 0; i < chunk->packet_count; i++)
		av_packet_unref(chunk->packets[i]);
	chunk->next = pool->unused;
	pool->unused = chunk;
}
