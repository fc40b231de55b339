/*
 * media/bitstream.h
 *	  Looks at the shape of compressed video packets without decoding them.
 *
 * A file joined at the wrong byte, resumed twice or filled with zeros still has a perfect
 * index; what no longer fits is the inside of its packets. Walking their parts costs
 * microseconds and finds every such fault that spans more than a few bytes.
 */
#ifndef LEAP_MEDIA_BITSTREAM_H
#define LEAP_MEDIA_BITSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum VideoShape
{
	SHAPE_UNKNOWN, /* nothing is checked */
	SHAPE_H264,    /* NAL units behind length fields */
	SHAPE_HEVC,
	SHAPE_VP8,
	SHAPE_VP9,
	SHAPE_AV1,
	SHAPE_H264_CODES, /* NAL units behind start codes, which have no lengths to be checked */
	SHAPE_HEVC_CODES
} VideoShape;

/* Can a decoder begin with a packet? */
typedef enum BitstreamStart
{
	START_NOT,
	START_RISKY, /* H.264 that recovers without an IDR picture: some players refuse what
				  * then speaks of earlier pictures */
	START_CLEAN
} BitstreamStart;

/* How one track's packets are built. */
typedef struct Bitstream
{
	VideoShape shape;
	int length_size; /* bytes of a NAL length field, 1..4 */
} Bitstream;

/*
 * bitstream_of reads the codec's configuration record (extradata). For H.264 in start-code
 * form, whose parts carry no lengths, the shape is SHAPE_H264_CODES; for HEVC SHAPE_HEVC_CODES,
 * or SHAPE_UNKNOWN where neither is recognised.
 */
Bitstream bitstream_of(VideoShape shape, const uint8_t *config, size_t size);

/* false when the packet cannot be what its codec writes. */
bool bitstream_fits(Bitstream bitstream, const uint8_t *data, size_t size);

/* How well a decoder begins with this packet, which the container calls a key frame. */
BitstreamStart bitstream_start(Bitstream bitstream, const uint8_t *data, size_t size);

/*
 * bitstream_splice makes a key frame, of which nothing that is shown before it is kept, one
 * that does not go on with the pictures stored before it: of HEVC, whose open groups of pictures
 * number their pictures on from those before, it marks a CRA picture as BLA. All else needs
 * nothing. True when something was changed.
 */
bool bitstream_splice(Bitstream bitstream, uint8_t *data, size_t size);

#endif
