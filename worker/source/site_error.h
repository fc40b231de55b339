/*
 * source/site_error.h
 *	  What yt-dlp complains of, in the words of this program.
 */
#ifndef LEAP_SOURCE_SITE_ERROR_H
#define LEAP_SOURCE_SITE_ERROR_H

#include <stdbool.h>

#include "base/error.h"

/* said: what it wrote to its standard error, or the end of that; how: how it ended. Fills *err
 * and returns false. URLs in it are shown without what may be a secret. */
bool site_error(const char *said, const char *how, Error *err);

#endif
