/*
 * media/facts.h
 *	  Parts of the analysis as JSON (docs/protocol.md section 3).
 */
#ifndef LEAP_MEDIA_FACTS_H
#define LEAP_MEDIA_FACTS_H

#include <cjson/cJSON.h>

#include "media/boundary.h"
#include "media/input.h"
#include "media/integrity.h"
#include "media/video.h"

/* Adds a number rounded to `decimals` places: 12.3, not 12.300000000000001. */
void facts_number(cJSON *object, const char *name, double value, int decimals);

/* Adds a count of bytes, as text. */
void facts_bytes(cJSON *object, const char *name, int64_t bytes);

/* Adds "container", "duration" and "bytes". */
void facts_file(cJSON *object, const char *container, double duration, int64_t bytes);

/* Adds "video": an object, or null without a stream. */
void facts_video(cJSON *object, const VideoTrack *video);

/* Appends a sound track to an array; its object, to which more may be added. */
cJSON *facts_sound(cJSON *array, const AVStream *stream);

/* Adds "loudness", "speech", "pauses" and "keep". */
void facts_boundaries(cJSON *object, const Boundaries *found);

/* Adds "verdict" and "reasons". */
void facts_verdict(cJSON *object, const Integrity *integrity);

#endif
