/*
 * media/cut_recode.h
 *	  Sound in packets too long to be moved by half of one.
 *
 * Copied sound lies within half a packet of its place. Where packets are so long that it would
 * be heard, containers with times of their own keep those of the packets; for MP4 the sound is
 * decoded, cut to the sample and encoded as AAC.
 */
#ifndef LEAP_MEDIA_CUT_RECODE_H
#define LEAP_MEDIA_CUT_RECODE_H

#include "media/cut_part.h"

typedef struct CutRecoder
{
	Cutter *cutter; /* NULL: not open */
	SoundRecoder sound;
	AVCodecParameters *parameters;
} CutRecoder;

/* Are the packets of this sound, NULL: none, too long for a cut to the picture? */
bool cut_has_long_packets(const AVCodecParameters *sound);

/* The clock of copied sound: packets keep their times where they are long and may, and pictures
 * begin with the first of them where they may not. */
CutClock cut_choose_clock(const OutputTrack *tracks);

/* Gives the cutter a recoder for its sound; *track becomes what it will write. Before
 * cutter_open. */
bool cut_recoder_open(CutRecoder *recoder, Cutter *cutter, OutputTrack *track,
					  Error *err);

/* Writes what is left; nothing to do where it is not open. */
bool cut_recoder_finish(CutRecoder *recoder, Error *err);

/* Takes it from the cutter again. */
void cut_recoder_close(CutRecoder *recoder);

static inline void
cleanup_cut_recoder(CutRecoder *recoder)
{
	cut_recoder_close(recoder);
}

#endif
