/*
 * media/cut_plan.h
 *	  The tracks and the spans of a cut, as far as they are known before anything is read.
 */
#ifndef LEAP_MEDIA_CUT_PLAN_H
#define LEAP_MEDIA_CUT_PLAN_H

#include "media/cut_part.h"

/* Chooses the pictures and the sound of a cut: the track with this index, or -1. */
bool cut_choose_streams(Cutter *cutter, int audio_track, Error *err);

/*
 * Cuts the spans off at the end of the recording and leaves out what lies behind it, and
 * notes in cutter->early that it did; false,
 * class permanent, code "bad_range", when nothing remains.
 */
bool cut_limit_spans(Cutter *cutter, Span *spans, size_t *count, Error *err);

/* The time the spans last, in seconds. */
double cut_length(const Span *spans, size_t count);

/* About how many packets of a stream last so many seconds of its recording. */
int64_t cut_count_packets(const Cutter *cutter, const AVStream *stream, double seconds);

/*
 * What a copy kept that was not asked for, as the end of a sentence in `what`: that it keeps
 * more than a second of what lies between two spans, or begins more than 10 s early. False
 * when neither, with `what` empty.
 */
bool cut_excess(const Span *spans, size_t count, const CutSpan *cuts, size_t cut_count,
				char *what, size_t size);

#endif
