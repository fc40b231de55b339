/*
 * speech/chunks.c
 *	  Where to divide long sound.
 */
#include "speech/chunks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define EVER 1e9

/* Silence that is put between two parts: as leap-media does (media_main.c). */
#define JOINT_SECONDS 0.25

#define NEAR_SHARE  0.2 /* of a chunk, at its end: where a border is looked for first */
#define FAR_SHARE   0.5 /* ... and then */
#define LONG_PAUSE  2.0 /* a longer one is no better */
#define QUIET       0.3 /* how long the quietest place has to be */
#define QUIET_STEP  0.05
#define QUIET_REACH 30.0 /* ... and how far before the end of a chunk it may be */
#define SHORT_PAUSE 0.2  /* too short to divide at */

/* How far a plan has come. */
typedef struct Planning
{
	const Span *spans;
	size_t count;
	const ChunkRules *rules;
	ChunkPlan *plan;
	double from;  /* of the next chunk */
	double begin; /* its sound begins here: before `from` with an overlap */
} Planning;

/* A place to divide at. */
typedef struct Border
{
	double at;
	double worth;
	bool shared;
} Border;

double
chunk_length(const Chunk *chunk)
{
	double length = 0;

	for (size_t i = 0; i < chunk->part_count; i++)
		length += chunk->parts[i].end - chunk->parts[i].start;
	return length;
}

double
chunk_sent(const Chunk *chunk)
{
	double joints = chunk->part_count > 1 ? (double) (chunk->part_count - 1) : 0;

	return chunk_length(chunk) + joints * JOINT_SECONDS;
}

void
chunks_add(ChunkPlan *plan, const Chunk *chunk)
{
	Chunk copy = *chunk;

	plan->chunks =
		array_room(plan->chunks, &plan->room, plan->count + 1, sizeof *plan->chunks);
	copy.parts = array_new(chunk->part_count, sizeof *copy.parts);
	memcpy(copy.parts, chunk->parts, chunk->part_count * sizeof *copy.parts);
	plan->chunks[plan->count++] = copy;
}

void
chunks_free(ChunkPlan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free(plan->chunks[i].parts);
	free(plan->chunks);
	*plan = (ChunkPlan){0};
}

/* Appends what the spans hold of begin..end. */
static void
add_chunk(Planning *planning, double end, double to, bool shared)
{
	Span *parts = array_new(planning->count, sizeof *parts);
	Chunk chunk = {.parts = parts, .from = planning->from, .to = to, .shared = shared};

	for (size_t i = 0; i < planning->count; i++)
	{
		Span part = planning->spans[i];

		part.start = fmax(part.start, planning->begin);
		part.end = fmin(part.end, end);
		if (part.end > part.start)
			parts[chunk.part_count++] = part;
	}
	if (chunk.part_count > 0)
		chunks_add(planning->plan, &chunk);
	free(parts);
}

/* The source time at which `seconds` of sound have been heard since `begin`; EVER when there is
 * less. */
static double
reach(const Planning *planning, double seconds)
{
	for (size_t i = 0; i < planning->count; i++)
	{
		double start = fmax(planning->spans[i].start, planning->begin);
		double length = planning->spans[i].end - start;

		if (length <= 0)
			continue;
		if (seconds < length - 1e-6)
			return start + seconds;
		seconds -= length;
	}
	return EVER;
}

static void
consider(Border *best, double at, double worth)
{
	if (worth >= best->worth)
		*best = (Border){at, worth, false};
}

/* The best pause, or gap between two spans, with its middle in low..high. */
static bool
find_pause(const Planning *planning, double low, double high, Border *border)
{
	const ChunkRules *rules = planning->rules;
	Border best = {0, 0, false};

	for (size_t i = 0; i < rules->pause_count; i++)
	{
		double middle = (rules->pauses[i].start + rules->pauses[i].end) / 2;
		double length = rules->pauses[i].end - rules->pauses[i].start;

		if (middle > low && middle <= high && length >= SHORT_PAUSE)
			consider(&best, middle, fmin(length, LONG_PAUSE));
	}
	for (size_t i = 0; i + 1 < planning->count; i++)
	{
		double end = planning->spans[i].end;

		/* what is cut away there keeps the words apart whatever its length */
		if (end > low && end <= high && planning->spans[i + 1].start - end > 1e-3)
			consider(&best, end, LONG_PAUSE);
	}
	*border = best;
	return best.worth > 0;
}

/* The middle of the quietest place in low..high, of the latest if several are. */
static double
find_quiet(const Planning *planning, double low, double high)
{
	const ChunkRules *rules = planning->rules;
	double least = INFINITY;
	double best = high - QUIET / 2;

	for (double at = low; rules->loudness != NULL && at + QUIET <= high; at += QUIET_STEP)
	{
		double loudness = rules->loudness(rules->arg, at, at + QUIET);

		if (loudness <= least)
		{
			least = loudness;
			best = at + QUIET / 2;
		}
	}
	return best;
}

/* Where the chunk that begins now, and may hold `seconds`, ends. */
static Border
find_border(const Planning *planning, double seconds)
{
	double high = reach(planning, seconds);
	Border border;
	double low;

	if (find_pause(planning, reach(planning, seconds * (1 - NEAR_SHARE)), high,
				   &border) ||
		find_pause(planning, reach(planning, seconds * (1 - FAR_SHARE)), high, &border))
		return border;
	high = reach(planning, seconds - CHUNK_OVERLAP);
	low = fmax(reach(planning, seconds * (1 - FAR_SHARE)), high - QUIET_REACH);
	return (Border){find_quiet(planning, low, high), 0, true};
}

void
chunks_plan(const Span *spans, size_t count, const ChunkRules *rules, ChunkPlan *plan)
{
	Planning planning = {.spans = spans,
						 .count = count,
						 .rules = rules,
						 .plan = plan,
						 .from = -EVER,
						 .begin = -EVER};
	double seconds = fmax(rules->seconds, 10);

	while (reach(&planning, seconds) < EVER)
	{
		Border border = find_border(&planning, seconds);
		double overlap = border.shared ? CHUNK_OVERLAP : 0;

		add_chunk(&planning, border.at + overlap, border.at, border.shared);
		planning.from = border.at;
		planning.begin = border.at - overlap;
	}
	add_chunk(&planning, EVER, EVER, false);
}

void
chunk_cuts(const Chunk *chunk, CutSpan *cuts)
{
	double at = 0;

	for (size_t i = 0; i < chunk->part_count; i++)
	{
		cuts[i] = (CutSpan){chunk->parts[i].start, chunk->parts[i].end, at};
		at += chunk->parts[i].end - chunk->parts[i].start + JOINT_SECONDS;
	}
}

double
chunk_source_time(const CutSpan *cuts, size_t count, double time)
{
	for (size_t i = 0; i < count; i++)
	{
		double length = cuts[i].end - cuts[i].start;

		if (time < cuts[i].at)
			return cuts[i].start;
		if (time <= cuts[i].at + length ||
			(i + 1 < count && time < cuts[i].at + length + JOINT_SECONDS / 2))
			return fmin(cuts[i].start + (time - cuts[i].at), cuts[i].end);
	}
	return count > 0 ? cuts[count - 1].end : time;
}

Span
chunk_source_span(const CutSpan *cuts, size_t count, double start, double end)
{
	double middle = start + (end - start) / 2;
	size_t at = 0;
	const CutSpan *cut;
	Span word;

	if (count == 0)
		return (Span){start, end};
	while (at + 1 < count && middle >= cuts[at + 1].at - JOINT_SECONDS / 2)
		at++;
	cut = &cuts[at];
	word.start = fmin(cut->start + (start - cut->at), cut->end - CHUNK_SHORTEST_WORD);
	word.start = fmax(word.start, cut->start);
	word.end = fmax(cut->start + (end - cut->at), word.start + CHUNK_SHORTEST_WORD);
	word.end = fmin(word.end, cut->end);
	return word;
}
