/*
 * media/cut_exact.h
 *	  Cuts that begin with the very picture that was asked for, in H.264.
 */
#ifndef LEAP_MEDIA_CUT_EXACT_H
#define LEAP_MEDIA_CUT_EXACT_H

#include "media/cut_part.h"

typedef struct ExactCut
{
	Cutter *cutter;
	int output_fd;
	int threads;
	int64_t least_room;
	const Span *spans;
	size_t count;
} ExactCut;

/*
 * cut_exactly writes the spans: pictures before the first key frame of each are encoded anew
 * on so many threads, ahead of the copying; all else is copied as it is. What this cannot be
 * done with fails with code CUT_DOES_NOT_FIT and a sentence that says why.
 */
bool cut_exactly(const ExactCut *cut, Error *err);

#endif
