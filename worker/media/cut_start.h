/*
 * media/cut_start.h
 *	  Finds the key frame that a cut begins with.
 */
#ifndef LEAP_MEDIA_CUT_START_H
#define LEAP_MEDIA_CUT_START_H

#include "media/input.h"

/*
 * Finds the last key frame of the stream at or before source time `start` (the first of the
 * file if there is none before) and gives its time stamp in the stream's time base. The
 * input's position is lost.
 */
bool cut_find_start(MediaInput *input, AVStream *video, double start, int64_t *first,
					Error *err);

/* Moves the input to a key frame at or before a source time, or to its beginning. */
bool cut_seek(MediaInput *input, const AVStream *stream, double time, Error *err);

/* Reads only these streams; either may be NULL. */
void cut_select(const MediaInput *input, const AVStream *video, const AVStream *audio);

#endif
