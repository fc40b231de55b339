/*
 * media/still.h
 *	  A picture for a recording that has none: its loudness, drawn once, shown all the time.
 */
#ifndef LEAP_MEDIA_STILL_H
#define LEAP_MEDIA_STILL_H

#include "base/spans.h"
#include "media/output.h"

typedef struct Still
{
	AVCodecContext *encoder;
	AVCodecParameters *parameters;
	AVFrame *picture;
	double length; /* seconds of output */
} Still;

/* Draws the loudness of the spans, from the envelope at the descriptor, and opens an encoder
 * for the picture. */
bool still_open(Still *still, int envelope_fd, const Span *spans, size_t count,
				Error *err);

/* The track of the picture: H.264, a picture a second. */
OutputTrack still_track(const Still *still);

/* Writes all pictures of the track; they wait in the output for the sound beside them. */
bool still_write(Still *still, MediaOutput *output, Error *err);
void still_close(Still *still);

#endif
