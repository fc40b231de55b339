/*
 * speech/cue_text.c
 *	  Time stamps and escaped text of subtitle files.
 */
#include "speech/cue_text.h"

#include <math.h>

void
cue_put_time(Buffer *out, double seconds, char separator)
{
	long long ms = llround(fmax(seconds, 0) * 1000.0);

	buffer_printf(out, "%02lld:%02lld:%02lld%c%03lld", ms / 3600000, ms / 60000 % 60,
				  ms / 1000 % 60, separator, ms % 1000);
}

void
cue_put_text(Buffer *out, const char *text, const CueEscape *escapes, size_t count)
{
	for (; *text != '\0'; text++)
	{
		const char *written = NULL;

		for (size_t i = 0; i < count; i++)
			if (escapes[i].character == *text)
				written = escapes[i].text;
		if (written != NULL)
			buffer_puts(out, written);
		else
			buffer_append(out, text, 1);
	}
}
