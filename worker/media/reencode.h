/*
 * media/reencode.h
 *	  Kept parts of any recording that libav decodes, encoded anew as H.264 and AAC in MP4.
 */
#ifndef LEAP_MEDIA_REENCODE_H
#define LEAP_MEDIA_REENCODE_H

#include "media/cut_part.h"
#include "media/reencode_picture.h"

typedef struct ReencodeCut
{
	Cutter *cutter;
	int output_fd;
	int64_t least_room;
	const Span *spans;
	size_t count;
	PictureSettings pictures;
	int64_t audio_bitrate; /* bits/s */
} ReencodeCut;

/*
 * cut_reencoded reads the recording once from the first span to the last. Every span begins
 * with its first picture (or the one that stands then), sound is cut to the sample, and
 * pictures keep their times.
 */
bool cut_reencoded(const ReencodeCut *cut, Error *err);

#endif
