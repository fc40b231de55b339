/*
 * storage/copy.h
 *	  Copying between descriptors the cheapest way the file systems know: shared extents
 *	  where they can, in the kernel where they must, through memory as the last resort.
 */
#ifndef LEAP_STORAGE_COPY_H
#define LEAP_STORAGE_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* After each piece: bytes copied so far; false stops with class lost, code cancelled. */
typedef bool (*CopyProgress)(void *arg, int64_t done);

/* Copies `bytes` bytes from the start of `from` to the position of `to`; progress may be
 * NULL. A source that ends earlier is transient, code source_changed. */
bool copy_file(int from, int to, int64_t bytes, CopyProgress progress, void *arg,
			   Error *err);

#endif
