/*
 * media/picture.h
 *	  A decoded picture becomes an upright JPEG of limited width.
 */
#ifndef LEAP_MEDIA_PICTURE_H
#define LEAP_MEDIA_PICTURE_H

#include "media/libav.h"

/* Scales to at most `width` pixels, square, in 8-bit planes 4:2:0; NULL when impossible. */
AVFrame *picture_scale(const AVFrame *frame, int width);

/* Turns planes clockwise by 0, 90, 180 or 270 degrees; NULL when impossible. */
AVFrame *picture_turn(const AVFrame *frame, int degrees);

/* Does the picture show anything, or is it of nearly one brightness all over? */
bool picture_is_plain(const AVFrame *frame);

/* The JPEG of a picture of picture_scale; NULL when impossible. */
AVPacket *picture_encode(const AVFrame *frame);

#endif
