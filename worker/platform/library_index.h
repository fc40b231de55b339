/*
 * platform/library_index.h
 *	  The list of a user's lessons.
 */
#ifndef LEAP_PLATFORM_LIBRARY_INDEX_H
#define LEAP_PLATFORM_LIBRARY_INDEX_H

#include <stdbool.h>

#include "base/error.h"

/* Writes index.html and its style into the folder of a user's lessons, newest first, from
 * each lesson's metadata.json. One writer at a time. */
bool library_index_write(int lane_fd, Error *err);

#endif
