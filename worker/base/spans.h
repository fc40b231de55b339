/*
 * base/spans.h
 *	  Kept parts of a recording: as asked for, with its pauses shortened, and as really cut.
 *
 * A span is [start, end) in seconds of source time, exact to the millisecond. A cut list is
 * what a cut really did: its spans, ascending and disjoint, each with the output time at
 * which it begins. Every time that is told about the result (words, topics, chapters) is
 * output time: spans_map() is the only way from one to the other. All functions are pure.
 */
#ifndef LEAP_BASE_SPANS_H
#define LEAP_BASE_SPANS_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/error.h"

/* So many spans a cut may have; spans_shorten() makes fewer, so that their text fits into
 * one argument of a program (128 KiB). */
#define SPANS_MOST           10000
#define SPANS_SHORTENED_MOST 5000

/* No span ends later, in seconds. */
#define SPANS_LATEST 10000000

typedef struct Span
{
	double start;
	double end;
} Span;

typedef struct CutSpan
{
	double start; /* source time */
	double end;
	double at; /* output time of start */
} CutSpan;

/*
 * spans_parse reads "S-E[,S-E...]": times as seconds, minutes:seconds or
 * hours:minutes:seconds, with at most three decimals, at most SPANS_MOST spans, each not empty and none beginning before the one before ends. *spans is the
 * caller's to free, also after a failure: class permanent, code "bad_spans", with the place
 * and the rule.
 */
bool spans_parse(const char *text, Span **spans, size_t *count, Error *err);

/*
 * The share, 0..1, of a recording of `duration` seconds that lies outside of start..end: what
 * is cut off as silence, and what trimming.max_trim_share bounds. What pauses within lose
 * was asked for and does not count.
 */
static inline double
spans_cut_off_share(double start, double end, double duration)
{
	double kept = duration > 0.0 ? (end - start) / duration : 1.0;

	return kept < 1.0 ? 1.0 - kept : 0.0;
}

/* Appends the text that spans_parse reads. */
void spans_print(const Span *spans, size_t count, Buffer *out);

/*
 * spans_shorten gives the spans that remain of `keep` when every pause within it that is
 * longer than `above` seconds loses its middle, so that `to` seconds of it stay, half on
 * either side. The pauses are ascending and disjoint; what of them lies outside of `keep`
 * does not count. With `above` or `to` not a number, or `to` not below `above`, there is
 * nothing to shorten. The spans, at least one, are rounded to milliseconds and the caller's
 * to free; beyond SPANS_SHORTENED_MOST the rest is kept whole.
 */
Span *spans_shorten(Span keep, const Span *pauses, size_t pause_count, double above,
					double to, size_t *count);

/*
 * spans_read_cuts reads a cut list, [{"start","end","at"}, ...]; NULL, with *count 0, for
 * what is none: no array, not ascending, or more than SPANS_MOST. The caller frees it.
 */
CutSpan *spans_read_cuts(const cJSON *list, size_t *count);

/*
 * The output time of a source time. A time that was cut away is where the next span begins,
 * or the end of the output behind the last; without a cut list it is the time itself.
 */
double spans_map(const CutSpan *cuts, size_t count, double time);

/* Is the moment in the output? Every one is without a cut list. */
bool spans_kept(const CutSpan *cuts, size_t count, double time);

/* The length of the output; 0 without a cut list. */
double spans_length(const CutSpan *cuts, size_t count);

#endif
