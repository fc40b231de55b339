/*
 * speech/srt.c
 *	  Writing SubRip. Pure.
 */
#include "speech/srt.h"

#include "base/timecode.h"
#include "speech/cue_text.h"

static const CueEscape look_alikes[] = {
	{'<', "‹"},
	{'>', "›"},
	{'{', "("  },
	{'}', ")"  },
};

void
srt_write(const Cue *cues, size_t count, Buffer *out)
{
	for (size_t i = 0; i < count; i++)
	{
		buffer_printf(out, "%zu\r\n", i + 1);
		timecode_put(out, cues[i].start, ',');
		buffer_puts(out, " --> ");
		timecode_put(out, cues[i].end, ',');
		buffer_puts(out, "\r\n");
		for (size_t line = 0; line < 2 && cues[i].lines[line] != NULL; line++)
		{
			cue_put_text(out, cues[i].lines[line], look_alikes,
						 sizeof look_alikes / sizeof look_alikes[0]);
			buffer_puts(out, "\r\n");
		}
		buffer_puts(out, "\r\n");
	}
}
