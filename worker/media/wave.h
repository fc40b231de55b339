/*
 * media/wave.h
 *	  Peaks for drawing the sound of a recording, taken from its envelope.
 *
 * The file is the one that the BBC's audiowaveform writes and players of waveforms read
 * (peaks.js, waveform-data.js): version 2, 8 bits, one channel. Its numbers say 16000
 * samples a second and 1600 samples a pixel, so there are ten pixels a second, each a
 * lowest and a highest amplitude. The envelope keeps no sign: they are the same apart
 * from it.
 */
#ifndef LEAP_MEDIA_WAVE_H
#define LEAP_MEDIA_WAVE_H

#include "base/error.h"
#include "media/envelope.h"

#define WAVE_PER_SECOND  10
#define WAVE_RATE        16000
#define WAVE_HEADER_SIZE 24

/* Writes the peaks of an envelope at the start of fd; where sound is missing they are 0. */
bool wave_write(const Envelope *envelope, int fd, Error *err);

#endif
