/*
 * speech/cue_made.h
 *	  Cues that people made: which of them may be shown as they are.
 */
#ifndef LEAP_SPEECH_CUE_MADE_H
#define LEAP_SPEECH_CUE_MADE_H

#include <stddef.h>

#include "speech/cue_token.h"
#include "speech/transcript.h"

/*
 * Marks in the tokens of captions, which are settled, where their cues (segments) ended, and
 * those that obey the rules of speech/cues.h as they are. A text of one line that stays
 * for more than CUE_LONGEST is kept as well: its words are moved to that time.
 */
void cue_tokens_keep(CueToken *tokens, size_t count, const Transcript *captions,
					 size_t width, double duration);

#endif
