/*
 * media/video.h
 *	  The picture track: what it is, and what each of its packets says without decoding.
 */
#ifndef LEAP_MEDIA_VIDEO_H
#define LEAP_MEDIA_VIDEO_H

#include "media/bitstream.h"
#include "media/input.h"
#include "media/integrity.h"

typedef struct VideoTrack
{
	const MediaInput *input;
	AVStream *stream;
	Bitstream bitstream;
	int64_t packets;
	int64_t uneven; /* steps between packets that differ from the usual one */
	int64_t last_dts;
	double start; /* source time of the first picture */
	double end;   /* source time where the last picture ends */
} VideoTrack;

void video_track_init(VideoTrack *track, const MediaInput *input, AVStream *stream);

/* Looks at a packet of the track. */
void video_track_packet(VideoTrack *track, const AVPacket *packet, Integrity *integrity);

/* Pictures a second: measured when packets were seen, else as the header says; 0 unknown. */
double video_frame_rate(const VideoTrack *track);
bool video_is_variable(const VideoTrack *track);

/* How far a player turns the picture, clockwise: 0, 90, 180, 270. */
int video_rotation(const AVStream *stream);

/* How the packets of a stream are built. */
Bitstream video_bitstream(const AVStream *stream);

#endif
