/*
 * base/timecode.h
 *	  Seconds as people and players read them.
 */
#ifndef LEAP_BASE_TIMECODE_H
#define LEAP_BASE_TIMECODE_H

#include "base/buffer.h"

/* HH:MM:SS.mmm with the given separator before the milliseconds; negative is 0. Hours
 * take more digits when they need them. */
void timecode_put(Buffer *out, double seconds, char separator);

/* m:ss, from an hour on h:mm:ss; the second that has begun. */
void timecode_put_short(Buffer *out, double seconds);

#endif
