/*
 * media/ends.h
 *	  Whether a file without an index ends where its own parts say that it ends.
 *
 * MP4 and Matroska name the size of every outer part (structure.h). Of the rest, RIFF (AVI,
 * WAV) names its size, an Ogg page its own, and a transport stream is a row of packets of one
 * size: a copy that was cut off shows at its very end, whatever its header says of the time.
 */
#ifndef LEAP_MEDIA_ENDS_H
#define LEAP_MEDIA_ENDS_H

#include "media/structure.h"

/*
 * The bytes that are missing behind the end of a file of `size` bytes, at least; 0 when it
 * is complete, when its kind names no size, or when it cannot be read.
 */
int64_t ends_missing(StructureRead read, void *arg, int64_t size);

#endif
