/*
 * media/silence.h
 *	  A packet of silence that fits into a copied sound track.
 *
 * MP4 without edit lists cannot say that sound begins later than the pictures, and players
 * differ over holes in it: where the source has no sound, the copy holds silence.
 */
#ifndef LEAP_MEDIA_SILENCE_H
#define LEAP_MEDIA_SILENCE_H

#include "media/libav.h"

/*
 * A packet of the codec, rate and channels of a track, as long as its packets are; NULL where
 * no encoder writes packets that its decoder understands with the track's own configuration.
 */
AVPacket *silence_like(const AVCodecParameters *track);

#endif
