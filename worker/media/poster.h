/*
 * media/poster.h
 *	  One still picture of a recording, as JPEG.
 */
#ifndef LEAP_MEDIA_POSTER_H
#define LEAP_MEDIA_POSTER_H

#include "media/input.h"

typedef struct Poster
{
	double at; /* source time of the picture */
	int width;
	int height;
} Poster;

/*
 * poster_write decodes the key frame at or before source time `at` (while the picture is of a
 * single colour: `step` seconds later, a few times) and writes it to fd, turned upright, at most 640 pixels
 * wide, and to miniature_fd, unless it is -1, a hundred and sixty. false without *err touched: no picture can be decoded, which is no reason to fail;
 * false with err->class set: writing failed. The input's position is lost.
 */
bool poster_write(MediaInput *input, AVStream *stream, double at, double step, int fd,
				  int miniature_fd, Poster *poster, Error *err);

#endif
