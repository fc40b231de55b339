/*
 * speech/cue_time.c
 *	  When subtitles are shown. Pure.
 */
#include "speech/cue_time.h"

#include <math.h>

/* Two starts are so far apart at least. */
#define STEP (CUE_LEAST + CUE_GAP)

double
cue_reading_time(size_t length)
{
	return fmax((double) length / CUE_MOST_SPEED, CUE_SHORTEST);
}

/* Starts that follow each other and leave room for the last cue before the end. Real speech
 * is left as it is; this is for words that pile up. */
static void
order_starts(Cue *cues, size_t count, double duration)
{
	double limit = duration - CUE_LEAST;

	for (size_t i = count; duration > 0 && i-- > 0; limit = cues[i].start - STEP)
		cues[i].start = fmax(fmin(cues[i].start, limit), 0);
	for (size_t i = 1; i < count; i++)
		cues[i].start = fmax(cues[i].start, cues[i - 1].start + STEP);
}

/* How long a cue wants to stay: a moment behind its last word, longer when there is more
 * to read, never beyond the rules. */
static double
wanted_end(const Cue *cue)
{
	if (cue->kept)
		return cue->end;

	double needed = cue->start + cue_reading_time(cue_length(cue));

	return fmax(fmax(cue->end + CUE_LINGER, fmin(needed, cue->end + CUE_LINGER_MOST)),
				cue->start + CUE_LEAST);
}

static double
milliseconds(double seconds)
{
	return round(seconds * 1000);
}

void
cues_time(Cue *cues, size_t count, double duration)
{
	duration = floor(duration * 1000) / 1000;
	order_starts(cues, count, duration);
	for (size_t i = 0; i < count; i++)
	{
		bool last = i + 1 == count;
		double start = milliseconds(cues[i].start);
		double end = milliseconds(wanted_end(&cues[i]));
		double limit = start + milliseconds(CUE_LONGEST);

		if (!last)
		{
			double next = milliseconds(cues[i + 1].start);

			if (next - end < milliseconds(cues[i].kept ? CUE_GAP : CUE_GAP_CLOSED))
				end = next - milliseconds(CUE_GAP);
		}
		else if (duration > 0)
			end =
				fmin(end, fmax(milliseconds(duration), start + milliseconds(CUE_LEAST)));
		cues[i].start = start / 1000;
		cues[i].end = fmin(end, limit) / 1000;
	}
}
