/*
 * source/zoom.h
 *	  The parts of the source Zoom: its interface (zoom_ask.c), what a meeting has
 *	  (zoom_meeting.c), and the walk over users and days (zoom.c).
 */
#ifndef LEAP_SOURCE_ZOOM_H
#define LEAP_SOURCE_ZOOM_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "source/source.h"

#define ZOOM_PARTS_MOST 200 /* of a meeting: Zoom starts another file with each pause */

/* Asks for what is at `path`, below the address of the interface. Errors: zoom_ask.c. */
bool zoom_ask(const SourceQuery *query, const char *path, cJSON **json, Error *err);

/*
 * "/meetings/{uuid}/recordings". What begins with a slash, or has two in a row, is encoded
 * twice, or Zoom takes them for its own.
 */
void zoom_meeting_path(const char *uuid, char *path, size_t size);

/* A file of a recording that was chosen among the views of the same time. */
typedef struct ZoomPart
{
	const cJSON *file;
	const char *begins; /* recording_start, as Zoom writes it */
} ZoomPart;

typedef struct ZoomMeeting
{
	bool ready; /* nothing that matters is being made any more, and there is something */
	size_t count;
	ZoomPart parts[ZOOM_PARTS_MOST]; /* in order */
} ZoomMeeting;

/*
 * What a meeting of the interface has: who pauses gets several files one after the other,
 * each in several views, of which the first in `views` is taken (NULL: the usual order).
 */
void zoom_meeting_read(const cJSON *meeting, const cJSON *views, ZoomMeeting *read);

/* Adds its parts to the listing, or the meeting as a whole when it is not ready; false when
 * the listing is full. */
bool zoom_meeting_list(const cJSON *meeting, const cJSON *views, Listing *listing);

#endif
