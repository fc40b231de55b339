/* sources: speech/chunks.c speech/join.c base/utf8.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_speech_chunks.c
 *	  Long sound is divided and put together again: every moment is heard, no chunk is too
 *	  long, and of a stream of words none is lost or doubled, wherever it is cut.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "speech/chunks.h"
#include "speech/join.h"
#include "tap.h"

#define WORDS 400

static void
is_double(double got, double wanted, double within, const char *what)
{
	if (!ok(fabs(got - wanted) <= within, "%s", what))
		printf("#      got: %f\n# expected: %f\n", got, wanted);
}

static unsigned seed = 20260801;

static double
chance(void)
{
	seed = seed * 1664525u + 1013904223u;
	return (double) (seed >> 8) / (double) (1u << 24);
}

static double
quiet_at_95(void *arg, double start, double end)
{
	(void) arg;
	return fabs((start + end) / 2 - 95.0);
}

static void
test_plan(void)
{
	Span spans[] = {
		{5,   305},
        {400, 450},
        {500, 900}
    };
	Span pauses[] = {
		{60,  60.1},
        {96,  97  },
        {99,  99.5},
        {201, 203 }
    };
	ChunkRules rules = {.seconds = 100, .pauses = pauses, .pause_count = 4};
	CLEANUP(chunks) ChunkPlan plan = {0};

	chunks_plan(spans, 3, &rules, &plan);
	is_double(plan.chunks[0].to, 96.5, 0.001, "the longest pause near the end");
	ok(!plan.chunks[0].shared, "at a pause nothing is heard twice");
	ok(plan.chunks[1].to > 150 && plan.chunks[1].shared,
	   "without a pause there is an overlap");
	is_double(plan.chunks[1].parts[0].end, plan.chunks[1].to + CHUNK_OVERLAP, 0.001,
			  "of a second behind the border");
	is_double(plan.chunks[2].parts[0].start, plan.chunks[1].to - CHUNK_OVERLAP, 0.001,
			  "and one before it");
	chunks_free(&plan);

	rules = (ChunkRules){.seconds = 100, .loudness = quiet_at_95};
	chunks_plan(spans, 1, &rules, &plan);
	is_double(plan.chunks[0].to, 95, 0.06, "the quietest place, where nobody pauses");
	chunks_free(&plan);

	rules = (ChunkRules){.seconds = 1000};
	chunks_plan(spans, 3, &rules, &plan);
	is_int((int) plan.count, 1, "what fits is not divided");
	is_double(chunk_length(&plan.chunks[0]), 750, 0.001, "and holds the spans alone");
	chunks_free(&plan);

	rules = (ChunkRules){.seconds = 340};
	chunks_plan(spans, 3, &rules, &plan);
	is_double(plan.chunks[0].to, 305, 0.001, "between two spans is a good place");
}

/* Everything is heard, in order, and nothing is too long. */
static bool
covers(const ChunkPlan *plan, const Span *spans, size_t count, double seconds)
{
	double heard = 0;
	double whole = 0;
	double last = -1e9;

	for (size_t i = 0; i < count; i++)
		whole += spans[i].end - spans[i].start;
	for (size_t i = 0; i < plan->count; i++)
	{
		const Chunk *chunk = &plan->chunks[i];

		if (chunk->from != last || chunk_length(chunk) > seconds + 0.001)
			return false;
		last = chunk->to;
		for (size_t j = 0; j < chunk->part_count; j++)
			heard += fmax(0, fmin(chunk->parts[j].end, chunk->to) -
								 fmax(chunk->parts[j].start, chunk->from));
	}
	return last == 1e9 && fabs(heard - whole) < 0.001;
}

static void
test_plans(void)
{
	int good = 0;

	for (int round = 0; round < 2000; round++)
	{
		Span spans[20];
		Span pauses[100];
		size_t count = 1 + (size_t) (chance() * 19);
		size_t pause_count = (size_t) (chance() * 100);
		double at = chance() * 10;
		ChunkRules rules = {.seconds = 10 + chance() * 300, .pauses = pauses};
		CLEANUP(chunks) ChunkPlan plan = {0};

		for (size_t i = 0; i < count; i++)
		{
			spans[i] = (Span){at, at + 0.1 + chance() * 300};
			at = spans[i].end + chance() * 5;
		}
		for (size_t i = 0; i < pause_count; i++)
		{
			double start = chance() * at;

			pauses[i] = (Span){start, start + chance() * 4};
		}
		rules.pause_count = pause_count;
		if (chance() < 0.5)
			rules.loudness = quiet_at_95;
		chunks_plan(spans, count, &rules, &plan);
		good += covers(&plan, spans, count, rules.seconds);
	}
	is_int(good, 2000, "2000 plans: all is heard once, nothing is too long");
}

static void
test_times(void)
{
	Span parts[] = {
		{10, 20},
        {50, 60}
    };
	Chunk chunk = {.parts = parts, .part_count = 2};
	CutSpan cuts[2];

	chunk_cuts(&chunk, cuts);
	is_double(chunk_source_time(cuts, 2, 5), 15, 0.001, "in the first part");
	is_double(chunk_source_time(cuts, 2, 12), 51.75, 0.001, "in the second");
	is_double(chunk_source_time(cuts, 2, 10.1), 20, 0.001, "in the silence between");
	is_double(chunk_source_time(cuts, 2, 10.2), 50, 0.001, "... nearer to the second");
	is_double(chunk_source_time(cuts, 2, 99), 60, 0.001, "behind the end");
	is_double(chunk_source_time(cuts, 2, -1), 10, 0.001, "before the beginning");
}

static void
test_words(void)
{
	/* start and end in what was sent, where that is */
	static const double cases[][4] = {
		{9.5,  9.9,   19.5,  19.9 },
        {9.9,  10.2,  19.9,  20   },
        {9.9,  10.5,  50,    50.25},
		{10.1, 10.12, 19.99, 20   },
        {10.2, 10.22, 50,    50.01},
        {99,   100,   59.99, 60   }
    };
	Span parts[] = {
		{10, 20},
        {50, 60}
    };
	Chunk chunk = {.parts = parts, .part_count = 2};
	CutSpan cuts[2];

	chunk_cuts(&chunk, cuts);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		Span word = chunk_source_span(cuts, 2, cases[i][0], cases[i][1]);
		char name[80];

		snprintf(name, sizeof name, "a word at %g..%g lies in one part", cases[i][0],
				 cases[i][1]);
		is_double(word.start, cases[i][2], 0.001, name);
		is_double(word.end, cases[i][3], 0.001, "  to its end");
	}
}

typedef struct Stream
{
	HeardWord words[WORDS];
	char texts[WORDS][8];
	double length;
} Stream;

/* Words of 0.08 to 0.9 s out of a small vocabulary, some said twice or three times in a row. */
static void
say(Stream *stream)
{
	double at = 0;

	for (size_t i = 0; i < WORDS; i++)
	{
		double length = 0.08 + chance() * chance() * 0.8;
		double gap = chance() < 0.6 ? 0 : chance() * 0.4;

		if (i > 0 && chance() < 0.08)
			memcpy(stream->texts[i], stream->texts[i - 1], sizeof stream->texts[i]);
		else
			snprintf(stream->texts[i], sizeof stream->texts[i], "w%d",
					 (int) (chance() * 60));
		stream->words[i] = (HeardWord){at, at + length, -1, stream->texts[i]};
		at += length + gap;
	}
	stream->length = at;
}

/* What a recogniser makes of from..to: whole words, at times that jitter by `jitter`; of one that
 * is cut at the edge half the time something else. Returns the count. */
static size_t
hear(const Stream *stream, double from, double to, double jitter, HeardWord *words)
{
	size_t count = 0;
	double last = from;

	for (size_t i = 0; i < WORDS; i++)
	{
		HeardWord word = stream->words[i];
		bool cut = word.start < from || word.end > to;

		if (word.end <= from || word.start >= to || (cut && chance() < 0.5))
			continue;
		if (cut)
			word.text = "garbled";
		word.start += (chance() - 0.5) * 2 * jitter;
		word.end += (chance() - 0.5) * 2 * jitter;
		word.start = fmax(fmin(word.start, to), last);
		word.end = fmin(fmax(word.end, word.start + 0.02), to);
		last = word.start;
		words[count++] = word;
	}
	return count;
}

/* Cuts the stream anywhere into `pieces` that overlap, and joins what was heard of them. */
static bool
joins(const Stream *stream, int pieces, double jitter)
{
	static HeardWord heard[2][WORDS + 8];
	static HeardWord all[2 * WORDS];
	double piece = stream->length / pieces;
	size_t count = 0;
	size_t kept = 0; /* of the piece at hand, from here on */
	size_t known = hear(stream, 0, piece + CHUNK_OVERLAP, jitter, heard[0]);

	for (int i = 1; i <= pieces; i++)
	{
		HeardWord *now = heard[(i - 1) % 2];
		HeardWord *next = heard[i % 2];
		double border = piece * i;
		size_t left = known;
		size_t right = 0;
		size_t next_known = 0;

		if (i < pieces)
		{
			double end = i + 1 < pieces ? border + piece + CHUNK_OVERLAP : 1e9;

			next_known = hear(stream, border - CHUNK_OVERLAP, end, jitter, next);
			join_seam(now, known, next, next_known, true, border, CHUNK_OVERLAP, &left,
					  &right);
		}
		for (size_t j = kept; j < left; j++)
			all[count++] = now[j];
		kept = right;
		known = next_known;
	}
	if (count != WORDS)
		return false;
	for (size_t i = 0; i < WORDS; i++)
		if (strcmp(all[i].text, stream->words[i].text) != 0)
			return false;
	return true;
}

static void
test_joins(void)
{
	static const double jitters[] = {0, 0.05, 0.1, 0.15};

	for (size_t i = 0; i < 4; i++)
	{
		int good = 0;
		char name[80];

		for (int round = 0; round < 3000; round++)
		{
			static Stream stream;

			say(&stream);
			good += joins(&stream, 2 + (int) (chance() * 8), jitters[i]);
		}
		snprintf(name, sizeof name, "3000 streams, jitter of %.2f s: joined = said",
				 jitters[i]);
		is_int(good, 3000, name);
	}
}

static void
test_seams(void)
{
	HeardWord first[] = {
		{8,    8.4,  -1, "one"  },
        {9.6,  10.2, -1, "Two," },
        {10.3, 10.8, -1, "three"}
    };
	HeardWord second[] = {
		{9.7,  10.1, -1, "two"  },
        {10.4, 10.9, -1, "three"},
        {11.5, 12,   -1, "four" }
    };
	HeardWord odd[] = {
		{10.05, 10.4, -1, "other"}
    };
	size_t left;
	size_t right;

	join_seam(first, 3, second, 3, true, 10, 1, &left, &right);
	is_int((int) (left + (3 - right)), 4, "a word that both heard is there once");
	join_seam(first, 3, second, 3, false, 10, 1, &left, &right);
	is_int((int) (left + (3 - right)), 6, "nothing shared, nothing dropped");
	join_seam(first, 1, second + 2, 1, true, 10, 1, &left, &right);
	is_int((int) (left + (1 - right)), 2, "nothing in common: both stay");
	join_seam(first, 3, odd, 1, true, 10, 1, &left, &right);
	is_int((int) left, 2, "two words at one time: the middle decides");
	join_seam(first, 3, odd, 0, true, 10, 1, &left, &right);
	is_int((int) left, 3, "what only one of both heard stays");
	ok(join_same_word("Ёлка", "елка!"), "case, dots and marks do not count");
	ok(!join_same_word("cat", "cats"), "other letters do");
}

int
main(void)
{
	test_plan();
	test_plans();
	test_times();
	test_words();
	test_seams();
	test_joins();
	return done_testing();
}
