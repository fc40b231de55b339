/*
 * speech/passages.h
 *	  A transcript in pieces that can be searched and shown.
 */
#ifndef LEAP_SPEECH_PASSAGES_H
#define LEAP_SPEECH_PASSAGES_H

#include <cjson/cJSON.h>

#include "speech/transcript.h"

/*
 * [{"start","end","text","segments":[[start,end,"text"],...]},...]: passages of about 45 s, in
 * order, that end where a segment does. The caller deletes it.
 */
cJSON *passages_of(const Transcript *transcript);

#endif
