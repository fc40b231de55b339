/*
 * base/timecode.c
 *	  Time stamps of subtitles and chapters.
 */
#include "base/timecode.h"

#include <math.h>

void
timecode_put(Buffer *out, double seconds, char separator)
{
	long long ms = llround(fmax(seconds, 0) * 1000.0);

	buffer_printf(out, "%02lld:%02lld:%02lld%c%03lld", ms / 3600000, ms / 60000 % 60,
				  ms / 1000 % 60, separator, ms % 1000);
}

void
timecode_put_short(Buffer *out, double seconds)
{
	long long whole = (long long) fmax(seconds, 0);

	if (whole >= 3600)
		buffer_printf(out, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60,
					  whole % 60);
	else
		buffer_printf(out, "%lld:%02lld", whole / 60, whole % 60);
}
