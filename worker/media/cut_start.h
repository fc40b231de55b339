/*
 * media/cut_start.h
 *	  Finds the key frame that a cut begins with.
 */
#ifndef LEAP_MEDIA_CUT_START_H
#define LEAP_MEDIA_CUT_START_H

#include "media/bitstream.h"
#include "media/input.h"

/*
 * Finds the last key frame of the stream at or before source time `start` (the first of the
 * file if there is none before) and gives its time stamp in the stream's time base. *joins
 * is false when it cannot stand behind pictures other than those stored before it: decoders
 * then lose their order. The input's position is lost.
 */
bool cut_find_start(MediaInput *input, AVStream *video, double start, int64_t *first,
					bool *joins, Error *err);

/* Finds the last packet of sound that begins at or before source time `start` and gives its time
 * stamp in the stream's time base; AV_NOPTS_VALUE where there is none. The position is lost. */
bool cut_find_sound(MediaInput *input, AVStream *audio, double start, int64_t *first,
					Error *err);

/* Moves the input to a key frame at or before a source time, or to its beginning. */
bool cut_seek(MediaInput *input, const AVStream *stream, double time, Error *err);

/* How far a cut may end behind what was asked, so that its last picture stands as long as in
 * the source: 0.1 s in the time base of the stream. */
int64_t cut_slack(const AVStream *video);

/* Behind a seek some containers do not tell when the first pictures are decoded. */
typedef struct CutOrder
{
	int64_t first; /* time stamp of the first picture read; AV_NOPTS_VALUE: none yet */
	int missing;   /* pictures without decoding time so far */
} CutOrder;

#define CUT_ORDER_NEW ((CutOrder){.first = AV_NOPTS_VALUE})

/* Gives a packet of pictures the time stamps it lacks, as far as they can be told. */
void cut_order_packet(CutOrder *order, const AVStream *video, AVPacket *packet);

/* Prepares the key frame with which a later part begins to be written behind other pictures. */
bool cut_join_packet(const AVStream *video, AVPacket *packet, Error *err);

/* Is the packet whole, as far as its container and its shape tell? Others are not copied. */
bool cut_is_whole(Bitstream bitstream, const AVPacket *packet);

/* Reads only these streams; either may be NULL. */
void cut_select(const MediaInput *input, const AVStream *video, const AVStream *audio);

#endif
