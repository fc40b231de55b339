/*
 * speech/vtt.c
 *	  Writing WebVTT. Pure.
 */
#include "speech/vtt.h"

#include "base/timecode.h"
#include "speech/cue_text.h"

static const CueEscape escapes[] = {
	{'&', "&amp;"},
	{'<', "&lt;" },
	{'>', "&gt;" },
};

void
vtt_write(const Cue *cues, size_t count, Buffer *out)
{
	buffer_puts(out, "WEBVTT\n");
	for (size_t i = 0; i < count; i++)
	{
		buffer_puts(out, "\n");
		timecode_put(out, cues[i].start, '.');
		buffer_puts(out, " --> ");
		timecode_put(out, cues[i].end, '.');
		buffer_puts(out, "\n");
		for (size_t line = 0; line < 2 && cues[i].lines[line] != NULL; line++)
		{
			cue_put_text(out, cues[i].lines[line], escapes,
						 sizeof escapes / sizeof escapes[0]);
			buffer_puts(out, "\n");
		}
	}
}
