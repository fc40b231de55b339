/*
 * media/chapters.h
 *	  Puts chapters into an MP4; its media is copied as it is.
 */
#ifndef LEAP_MEDIA_CHAPTERS_H
#define LEAP_MEDIA_CHAPTERS_H

#include <cjson/cJSON.h>

#include "base/error.h"

typedef struct ChaptersOptions
{
	int input_fd;  /* MP4, the index in front or behind, not in fragments */
	int output_fd; /* emptied first */
	int chapters_fd; /* JSON: [{"title", "start", ...}, ...], starts in seconds, ascending */
	int progress_fd; /* -1: none */
} ChaptersOptions;

/*
 * chapters_run writes the input with these chapters, which replace those it had; without any
 * it has none. The index is in front then. Where the room in front of the media is large
 * enough, the media does not move. *result is {"chapters", "bytes"}.
 *
 * Errors: "not_mp4" (input), "in_fragments" (input), "bad_index" (input), "bad_chapters"
 * (permanent), what reading and writing gives.
 */
bool chapters_run(const ChaptersOptions *options, cJSON **result, Error *err);

#endif
