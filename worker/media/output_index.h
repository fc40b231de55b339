/*
 * media/output_index.h
 *	  The index of an MP4 file moves into the room that was left for it in front.
 */
#ifndef LEAP_MEDIA_OUTPUT_INDEX_H
#define LEAP_MEDIA_OUTPUT_INDEX_H

#include "media/output.h"

/* Puts the first box and the index, which libav wrote at the end, into output->room and cuts
 * the file off behind the media. Fails with code OUTPUT_NO_ROOM when they do not fit. */
bool output_index_to_front(MediaOutput *output, Error *err);

#endif
