/*
 * media/reencode_start.h
 *	  Finds where decoding has to begin.
 */
#ifndef LEAP_MEDIA_REENCODE_START_H
#define LEAP_MEDIA_REENCODE_START_H

#include "media/cut_part.h"

/*
 * Moves the input to where the picture that stands at source time `start` can be decoded, and
 * the sound of then read. decoder is that of cutter->video, NULL without; it can go on
 * afterwards. *first is the first picture of the recording, for the caller to free, where it
 * comes only after start, else NULL. Fails with class input, code "cannot_decode", where no
 * picture can be decoded.
 */
bool reencode_land(const Cutter *cutter, AVCodecContext *decoder, double start,
				   AVFrame **first, Error *err);

#endif
