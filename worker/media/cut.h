/*
 * media/cut.h
 *	  Cuts kept parts out of a recording: by copying, exactly, or encoded anew.
 */
#ifndef LEAP_MEDIA_CUT_H
#define LEAP_MEDIA_CUT_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"

typedef struct CutOptions
{
	int input_fd;
	int output_fd;
	int progress_fd;  /* -1: none */
	int audio_track;  /* stream index; -1: the container's default, else the first */
	int threads;      /* that encode at a time, 1 or more */
	int still_fd;     /* -1, or the envelope: gives a recording without pictures one */
	const char *keep; /* the spans, as base/spans.h reads them */
	const char *mode; /* "copy", "exact", "reencode" */
	/* of mode reencode only */
	double crf;            /* of x264: 0 (no loss) .. 51 */
	int max_height;        /* 0: as it is */
	int64_t max_bitrate;   /* of the pictures, bits/s; 0: no limit */
	int64_t audio_bitrate; /* bits/s */
} CutOptions;

/*
 * cut_run writes the spans of the input to the output, which is emptied first, and syncs it.
 *
 * copy: every span begins with the last key frame at or before its start, so that every
 * player shows the picture at once, and spans that then touch are one. exact: a span begins
 * with its first picture; what lies before the next key frame is encoded with the parameters
 * of the source, all else is copied. Either ends where all pictures shown before the end
 * have been copied. reencode: all is decoded and encoded as H.264 and AAC. What cannot be cut as
 * asked is copied, and the result says why; sound that MP4 does not take is encoded to go with a
 * still picture. The result is the JSON object of docs/protocol.md section 3.
 */
bool cut_run(const CutOptions *options, cJSON **result, Error *err);

#endif
