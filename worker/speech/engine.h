/*
 * speech/engine.h
 *	  The speech recogniser inside leap-media.
 */
#ifndef LEAP_SPEECH_ENGINE_H
#define LEAP_SPEECH_ENGINE_H

#include <stdbool.h>

#include "base/error.h"

typedef struct EngineOptions
{
	int audio_fd;    /* WAV, 16 kHz mono signed 16 bit; a regular file */
	int words_fd;    /* vocabulary, a term a line, UTF-8; -1: none */
	int progress_fd; /* a line with a fraction whenever it changed by a percent; -1: none */
	int cuts_fd;     /* the cut list as JSON; -1: the part from start to end */
	double start;    /* seconds into the audio; not a number: its beginning */
	double end; /* seconds into the audio; not a number, or beyond its end: its end */
	const char *model;    /* folder of the model, checked (speech/engine_model.h) */
	const char *language; /* "en", "en-US", "auto" or NULL: English; others are refused */
	int threads; /* decoders at work, each with about 100 MB; 0: one a processor */
} EngineOptions;

/*
 * Writes the transcript (docs/protocol.md, section 5) to descriptor 1, in output time of
 * the cut list, or relative to start: what was cut away is not heard. Speech that cannot be understood is no error: it has no words or a low confidence.
 * The result does not depend on the number of threads.
 */
bool engine_transcribe(const EngineOptions *options, Error *err);

#endif
