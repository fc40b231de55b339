/*
 * speech/cues.h
 *	  From words with times to subtitles people can read.
 *
 * Rules: at most two lines of 42 characters (39 in Cyrillic), at most 20 characters a
 * second, shown for 0.833 to 7 s, at least 83 ms apart, broken where the language allows.
 * Where speech is faster than reading, the text wins: no word is ever dropped.
 */
#ifndef LEAP_SPEECH_CUES_H
#define LEAP_SPEECH_CUES_H

#include <stddef.h>

#include "speech/transcript.h"

#define CUE_LINE_WIDTH          42
#define CUE_LINE_WIDTH_CYRILLIC 39
#define CUE_MOST_SPEED          20.0  /* characters a second */
#define CUE_SHORTEST            0.833 /* seconds */
#define CUE_LONGEST             7.0
#define CUE_GAP                 0.083

typedef struct Cue
{
	double start;
	double end;
	char *lines[2]; /* lines[1] is NULL for a cue of one line */
} Cue;

/*
 * The cues of `count` words in order of time. duration (seconds, 0 = unknown) is where the
 * last cue must have ended. Cues never overlap; a word longer than a line is divided,
 * without a hyphen, so that the text can be put together again. Returns the number of
 * cues; free them with cues_free.
 */
size_t cues_make(const Word *words, size_t count, double duration, Cue **cues);

/* Characters of a cue as a reader counts them: both lines and the blank between them. */
size_t cue_length(const Cue *cue);

void cues_free(Cue *cues, size_t count);

#endif
