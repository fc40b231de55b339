/*
 * speech/cue_text.c
 *	  Escaped text of subtitle files.
 */
#include "speech/cue_text.h"

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
