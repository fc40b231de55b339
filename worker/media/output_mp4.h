/*
 * media/output_mp4.h
 *	  MP4 whose index we write: libav gives its packets the form that MP4 wants.
 */
#ifndef LEAP_MEDIA_OUTPUT_MP4_H
#define LEAP_MEDIA_OUTPUT_MP4_H

#include "media/output.h"

/* Begins a file with room for an index of `room` bytes; set the options before libav writes
 * its header. The tracks are in the order of libav's streams. */
bool output_mp4_open(MediaOutput *output, int64_t room, Error *err);
bool output_mp4_options(AVDictionary **options);

/* Keeps bytes that libav writes at a place of its own counting. */
bool output_mp4_keep(MediaOutput *output, const uint8_t *bytes, size_t size);

/* Writes what libav has finished, after a packet of so many bytes was given to it. */
bool output_mp4_drain(MediaOutput *output, int size, Error *err);

/* Lets times stay as given; to be called after each packet. Else libav begins a fragment where the
 * last packet of the one before seemed to end, and moves packets by as much as that was a guess. */
bool output_mp4_keep_times(MediaOutput *output, Error *err);

/* Writes the index; fails with code OUTPUT_NO_ROOM when it does not fit. */
bool output_mp4_finish(MediaOutput *output, Error *err);
void output_mp4_close(MediaOutput *output);

#endif
