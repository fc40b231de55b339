/*
 * speech/chunks.h
 *	  Long sound in parts that a service takes: where to divide it.
 *
 * Pure: no file is read here. All times are source time.
 */
#ifndef LEAP_SPEECH_CHUNKS_H
#define LEAP_SPEECH_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/spans.h"

/* What two chunks share, on either side of a border, where nobody pauses. */
#define CHUNK_OVERLAP 1.0

#define CHUNK_SHORTEST_WORD 0.01

/* A word that begins so far behind the end of what was sent is still in it: encoders add a
 * little. */
#define CHUNK_END_SLACK 0.5

/* A larger share of words behind the end is no slip of a service: its times are wrong. */
#define CHUNK_OUTSIDE_SHARE 0.05

/* A chunk is heard from the beginning of its first part to the end of its last; words belong
 * to it by their middle, from `from` up to, without, `to`. */
typedef struct Chunk
{
	Span *parts; /* ascending, disjoint */
	size_t part_count;
	double from; /* -1e9 of the first chunk */
	double to;   /* 1e9 of the last */
	bool shared; /* what is around `to` is heard by the next chunk, too */
} Chunk;

typedef struct ChunkPlan
{
	Chunk *chunks;
	size_t count;
	size_t room;
} ChunkPlan;

typedef struct ChunkRules
{
	double seconds; /* the most that a chunk may hold, overlap included; at least 10 */
	const Span *pauses;
	size_t pause_count;
	/* How loud start..end is, in any unit; NULL: as everything. Only asked for about where
	 * nobody pauses. */
	double (*loudness)(void *arg, double start, double end);
	void *arg;
} ChunkRules;

/*
 * Divides what the spans (ascending, disjoint, not empty) hold: in the middle of the best
 * pause near the end of a chunk, or between two spans; where neither is in its second half, at
 * the quietest 0.3 s near its end, with an overlap. What fits whole is one chunk. The chunks
 * cover all spans.
 */
void chunks_plan(const Span *spans, size_t count, const ChunkRules *rules,
				 ChunkPlan *plan);

/* The seconds that a chunk holds. */
double chunk_length(const Chunk *chunk);

/* The seconds that are sent of it: the same, and silence between its parts. */
double chunk_sent(const Chunk *chunk);

/* Appends a chunk; its parts are copied. */
void chunks_add(ChunkPlan *plan, const Chunk *chunk);

void chunks_free(ChunkPlan *plan);

/* For CLEANUP(chunks). */
static inline void
cleanup_chunks(ChunkPlan *plan)
{
	chunks_free(plan);
}

/* What the joined parts of a chunk look like to a service: each part with the time at which it
 * begins in what is sent. cuts has room for part_count. */
void chunk_cuts(const Chunk *chunk, CutSpan *cuts);

/* The source time of a moment in what was sent; one in the silence between two parts is the
 * nearer of their ends. */
double chunk_source_time(const CutSpan *cuts, size_t count, double time);

/* Where a word lies in the source that was heard at start..end of what was sent: in one part
 * alone, the one that its middle is in or nearer to, and at least CHUNK_SHORTEST_WORD long
 * where that part is. */
Span chunk_source_span(const CutSpan *cuts, size_t count, double start, double end);

#endif
