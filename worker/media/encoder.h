/*
 * media/encoder.h
 *	  Opens encoders, pictures as H.264 and sound as AAC, and decoders of what goes in.
 *
 * Unless asked, no picture refers to a later one: then they come out in the order they go in.
 */
#ifndef LEAP_MEDIA_ENCODER_H
#define LEAP_MEDIA_ENCODER_H

#include "media/libav.h"

typedef struct PictureEncoding
{
	const AVCodecParameters *like; /* colours, and where chroma lies; may be NULL */
	enum AVColorRange range;       /* of the frames */
	int width;
	int height;
	enum AVPixelFormat format;
	AVRational sample_aspect;
	AVRational time_base;   /* of the frames */
	AVRational rate;        /* pictures a second, about */
	AVRational told_rate;   /* what the stream says of it; {0}: the same */
	const char *preset;     /* of x264, as are profile and parameters */
	const char *profile;    /* NULL: what is needed */
	const char *parameters; /* NULL: none */
	int level;              /* as in the stream: 31 is 3.1; 0: what is needed */
	double crf;             /* 0 (no loss) .. 51 */
	int64_t max_bitrate;    /* bits/s; 0: no limit */
	int later;              /* pictures in a row that may refer to a later one */
	int key_interval;       /* pictures from key frame to key frame, at most */
	int threads;
	bool interlaced; /* pictures of two fields */
} PictureEncoding;

/* Pictures a second as the stream says, or 25 where that cannot be. */
AVRational encoder_usual_rate(const AVStream *video);

/* What players take a stream of such pictures for: the steps that their times are in, more than
 * the usual rate where some stand longer than others. */
AVRational encoder_told_rate(AVStream *video);

/* An open encoder; NULL and class permanent, code "no_encoder", where libav has none. */
AVCodecContext *encoder_open_pictures(const PictureEncoding *encoding, Error *err);

/* AAC of so many bits a second from planar floating-point samples; as above. */
AVCodecContext *encoder_open_sound(int rate, const AVChannelLayout *layout,
								   int64_t bitrate, Error *err);

/* An open decoder of a stream, of one thread: each one more would have pictures of its own in
 * memory. NULL and class input, code "cannot_decode", where libav has none. */
AVCodecContext *encoder_open_source(const AVStream *stream, Error *err);

/* Takes from a decoded picture what its decoder said of it: the encoder decides anew. */
void encoder_forget_source(AVFrame *frame);

#endif
