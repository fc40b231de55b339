/*
 * speech/cues.h
 *	  From words with times to subtitles people can read.
 *
 * Whatever comes in, no word is dropped, doubled or moved; a cue has one or two lines of at
 * most 42 columns (39 in Cyrillic; a Chinese character or an emoji takes two), stays at most
 * 7 s, and ends at least 83 ms before the next begins. Where the words allow it, a cue stays
 * at least 0.833 s and has at most 20 characters a second: if a stretch of speech between
 * two pauses of 2 s can be divided like that, it is. Where speech is faster, a cue stays as
 * long as there is time: until the next one, 1.5 s behind its last word, or the end of the
 * film. A gap shorter than 0.5 s is closed, unless the 7 s are over.
 */
#ifndef LEAP_SPEECH_CUES_H
#define LEAP_SPEECH_CUES_H

#include <stdbool.h>
#include <stddef.h>

#include "speech/transcript.h"

#define CUE_LINE_WIDTH          42
#define CUE_LINE_WIDTH_CYRILLIC 39
#define CUE_MOST_SPEED          20.0  /* characters a second */
#define CUE_SHORTEST            0.833 /* seconds */
#define CUE_LONGEST             7.0
#define CUE_GAP                 0.083
#define CUE_GAP_CLOSED          0.5  /* a shorter one is made CUE_GAP */
#define CUE_LINGER              0.5  /* how long a cue stays behind its last word */
#define CUE_LINGER_MOST         1.5  /* when more time is needed to read it */
#define CUE_PAUSE_MOST          2.0  /* no cue goes on behind a longer pause */
#define CUE_SPEECH_MOST         80.0 /* columns a second: what is more was not spoken */
#define CUE_LEAST               0.25 /* seconds, where words pile up at one instant */

typedef struct Cue
{
	double start; /* a whole number of milliseconds, as is end */
	double end;
	char *lines[2]; /* lines[1] is NULL for a cue of one line */
	bool kept;      /* as people made it: it ends when they said */
} Cue;

/*
 * The cues of `count` words in order of time. duration (seconds, 0 = unknown) is where the
 * last cue must have ended; only text for which the film is too short goes on behind it. A
 * word longer than a line is divided, without a hyphen, at a line end, so that the text can
 * be put together again. Takes time and memory in proportion to the words. Returns the
 * number of cues; free them with cues_free.
 */
size_t cues_make(const Word *words, size_t count, double duration, Cue **cues);

/*
 * The cues of captions, whose segments are the cues that people made: one that obeys the
 * rules begins and ends as it did, but for the gap before the next one. The others are
 * divided like speech, with those beside them where they could not be read otherwise,
 * and rather where they ended than anywhere else; but a text of one line that stays for
 * too long is not divided, it ends. All else is as with cues_make.
 */
size_t cues_keep(const Transcript *captions, double duration, Cue **cues);

/* Characters of a cue as a reader counts them: both lines and the blank between them. */
size_t cue_length(const Cue *cue);

void cues_free(Cue *cues, size_t count);

#endif
