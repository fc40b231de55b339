/*
 * media/reencode_picture.h
 *	  Scales pictures and encodes them as H.264, each at the time it is given.
 */
#ifndef LEAP_MEDIA_REENCODE_PICTURE_H
#define LEAP_MEDIA_REENCODE_PICTURE_H

#include <libswscale/swscale.h>

#include "media/cut_part.h"
#include "media/encoder.h"

/* Pictures that an encoder may hold back, at most. */
#define PICTURES_INSIDE 1024

/* What a converter of pictures is made for. */
typedef struct PictureForm
{
	int width;
	int height;
	int format;
	int full; /* range: 1 all numbers, 0 the usual part */
} PictureForm;

typedef struct PictureRecoder
{
	Cutter *cutter; /* receives the pictures */
	AVCodecContext *encoder;
	struct SwsContext *scaler; /* NULL: none yet */
	PictureForm from;
	int64_t times[PICTURES_INSIDE]; /* by number, of those inside the encoder */
	int64_t count;                  /* pictures given to the encoder */
	int64_t step;                   /* usual time of a picture */
	int64_t last;                   /* time of the last one */
	int64_t end;                    /* until which it stands, once known */
} PictureRecoder;

typedef struct PictureSettings
{
	double crf;
	int max_height;      /* 0: as it is */
	int64_t max_bitrate; /* bits/s; 0: no limit */
	int threads;
} PictureSettings;

/* Opens the encoder for pictures of cutter->video. */
bool picture_recoder_open(PictureRecoder *recoder, Cutter *cutter,
						  const PictureSettings *settings, Error *err);

/* The track as it will be. */
OutputTrack picture_recoder_track(const PictureRecoder *recoder,
								  AVCodecParameters *parameters);

/* Writes a picture at an output time, in the time base of cutter->video, greater than that of
 * the one before; NULL: the end, until which the last one stands. */
bool picture_recoder_put(PictureRecoder *recoder, const AVFrame *frame, int64_t time,
						 Error *err);
void picture_recoder_close(PictureRecoder *recoder);

#endif
