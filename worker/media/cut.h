/*
 * media/cut.h
 *	  Cuts a recording without encoding: picture from a key frame, sound from that instant.
 */
#ifndef LEAP_MEDIA_CUT_H
#define LEAP_MEDIA_CUT_H

#include <cjson/cJSON.h>

#include "base/error.h"

typedef struct CutOptions
{
	int input_fd;
	int output_fd;
	int progress_fd; /* -1: none */
	int audio_track; /* stream index; -1: the container's default, else the first */
	double start;    /* source time, seconds */
	double end;
} CutOptions;

/*
 * cut_run writes [start, end) of the input to the output, which is emptied first, and syncs
 * it. It begins with the last key frame at or before start, so that every player shows the
 * picture at once, and ends where all pictures shown before the end have been copied. The
 * result is the JSON object of docs/protocol.md section 3.
 */
bool cut_run(const CutOptions *options, cJSON **result, Error *err);

#endif
