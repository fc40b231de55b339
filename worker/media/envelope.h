/*
 * media/envelope.h
 *	  The loudness envelope: RMS and peak of every 10 ms of sound, one byte each.
 *
 * It is built once while the sound is decoded and stored beside the recording, so that
 * every later change of a threshold needs no decoding. A level is kept as -2 x dBFS: 0 is
 * full scale, 254 is -127 dBFS or less (digital silence), 255 means that the file holds no
 * sound there. dBFS is relative to a sample value of 1.0: a full-scale sine has -3 dBFS RMS.
 */
#ifndef LEAP_MEDIA_ENVELOPE_H
#define LEAP_MEDIA_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define ENVELOPE_HOP_MS      10
#define ENVELOPE_PER_SECOND  100 /* hops */
#define ENVELOPE_SILENT      254
#define ENVELOPE_MISSING     255
#define ENVELOPE_HEADER_SIZE 16

/* More hops than a recording may have: 48 hours. */
#define ENVELOPE_MAX_HOPS ((size_t) 48 * 3600 * ENVELOPE_PER_SECOND)

typedef struct EnvelopeHop
{
	uint8_t rms;
	uint8_t peak;
} EnvelopeHop;

typedef struct Envelope
{
	EnvelopeHop *hops;
	size_t count;
	size_t capacity;
} Envelope;

void envelope_free(Envelope *envelope);

/* Appends one hop; false when memory or ENVELOPE_MAX_HOPS is used up. */
bool envelope_append(Envelope *envelope, EnvelopeHop hop);

/* The stored byte for a mean square (0..1 for sound within full scale). */
uint8_t envelope_level(double mean_square);

/* The level in dBFS of a stored byte other than ENVELOPE_MISSING: 0 .. -127. */
double envelope_decibel(uint8_t level);

/* The file form of docs/protocol.md section 3. */
bool envelope_write(const Envelope *envelope, int fd, Error *err);
bool envelope_read(Envelope *envelope, int fd, Error *err);

static inline void
cleanup_envelope(Envelope *envelope)
{
	envelope_free(envelope);
}

#endif
