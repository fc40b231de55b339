/*
 * media/cut_tail.h
 *	  Where a cut ends: the packets near its end wait here until that is known.
 *
 * Pictures are stored in decoding order. The cut ends after the longest run of packets that
 * is closed in display order: no picture that is left out would have been shown before one
 * that is kept. So nothing is encoded and no gap appears at the end.
 */
#ifndef LEAP_MEDIA_CUT_TAIL_H
#define LEAP_MEDIA_CUT_TAIL_H

#include <stdint.h>

#include "media/libav.h"

typedef struct CutTail
{
	AVPacket **packets; /* of both streams, as read */
	size_t count;
	size_t capacity;
} CutTail;

/* Moves a packet to the end of the tail; false without memory. */
bool cut_tail_add(CutTail *tail, AVPacket *packet);
void cut_tail_free(CutTail *tail);

/*
 * cut_tail_close drops the pictures of the stream that are not kept. shown is the greatest
 * time stamp written already, end the wanted end, both in the stream's time base. The
 * result is the time stamp at which the picture ends: of the first picture dropped, or where
 * the last one ends when the recording ends before; `end` where that were more than `slack`
 * behind it, because a picture stands for long.
 */
int64_t cut_tail_close(CutTail *tail, int video_index, int64_t shown, int64_t end,
					   int64_t slack);

/* Lets the last picture stand until `end`, and the last packet be decoded as long, `delay`
 * earlier: containers tell how long the pictures last by either. */
void cut_tail_stretch(CutTail *tail, int video_index, int64_t delay, int64_t end);

static inline void
cleanup_cut_tail(CutTail *tail)
{
	cut_tail_free(tail);
}

#endif
