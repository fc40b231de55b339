/*
 * source/site.h
 *	  What a page of a video site shows: its list of recordings, and the formats of one.
 */
#ifndef LEAP_SOURCE_SITE_H
#define LEAP_SOURCE_SITE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "source/source.h"

/*
 * The formats of the video at config.url: {"title", "site", "duration", "formats": [{"id",
 * "ext", "width", "height", "fps", "video", "audio", "bytes", "about_bytes"}]}, the caller's;
 * what is not known is left out. Errors: source/site_program.h.
 */
bool site_formats(const SourceQuery *query, cJSON **formats, Error *err);

#endif
