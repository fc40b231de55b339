/*
 * media/envelope.c
 *	  The loudness envelope and its file form.
 */
#include "media/envelope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/bytes.h"

#define ENVELOPE_MAGIC   "LENV"
#define ENVELOPE_VERSION 1

void
envelope_free(Envelope *envelope)
{
	free(envelope->hops);
	memset(envelope, 0, sizeof *envelope);
}

static bool
envelope_reserve(Envelope *envelope, size_t capacity)
{
	EnvelopeHop *hops;

	if (capacity <= envelope->capacity)
		return true;
	hops = realloc(envelope->hops, capacity * sizeof *hops);
	if (hops == NULL)
		return false;
	envelope->hops = hops;
	envelope->capacity = capacity;
	return true;
}

bool
envelope_append(Envelope *envelope, EnvelopeHop hop)
{
	if (envelope->count >= ENVELOPE_MAX_HOPS)
		return false;
	if (envelope->count == envelope->capacity &&
		!envelope_reserve(envelope,
						  envelope->capacity == 0 ? 65536 : envelope->capacity * 2))
		return false;
	envelope->hops[envelope->count++] = hop;
	return true;
}

uint8_t
envelope_level(double mean_square)
{
	double level;

	/* -2 x dBFS of an RMS is -20 log10 of its square */
	if (!(mean_square > 0.0))
		return ENVELOPE_SILENT;
	level = nearbyint(-20.0 * log10(mean_square));
	if (level < 0.0)
		return 0;
	return level > ENVELOPE_SILENT ? ENVELOPE_SILENT : (uint8_t) level;
}

double
envelope_decibel(uint8_t level)
{
	return -0.5 * level;
}

bool
envelope_write(const Envelope *envelope, int fd, Error *err)
{
	uint8_t header[ENVELOPE_HEADER_SIZE];

	memcpy(header, ENVELOPE_MAGIC, 4);
	put_le32(header + 4, ENVELOPE_VERSION);
	put_le32(header + 8, ENVELOPE_HOP_MS);
	put_le32(header + 12, (uint32_t) envelope->count);
	if (!write_at(fd, header, sizeof header, 0) ||
		!write_at(fd, envelope->hops, envelope->count * sizeof *envelope->hops,
				  sizeof header))
		return error_errno(err, "write_failed", "cannot write the loudness envelope");
	return true;
}

bool
envelope_read(Envelope *envelope, int fd, Error *err)
{
	uint8_t header[ENVELOPE_HEADER_SIZE];
	const char *hint = "Run `leap-media analyse` on the recording again.";
	size_t count;

	memset(envelope, 0, sizeof *envelope);
	if (read_at(fd, header, sizeof header, 0) != sizeof header ||
		memcmp(header, ENVELOPE_MAGIC, 4) != 0)
		return error_set(err, ERROR_INPUT, "bad_envelope", hint,
						 "the envelope does not begin with a LENV header");
	if (get_le32(header + 4) != ENVELOPE_VERSION ||
		get_le32(header + 8) != ENVELOPE_HOP_MS)
		return error_set(
			err, ERROR_INPUT, "bad_envelope", hint,
			"the envelope has version %u and hop %u ms; version %d and hop %d "
			"ms are read here",
			get_le32(header + 4), get_le32(header + 8), ENVELOPE_VERSION,
			ENVELOPE_HOP_MS);
	count = get_le32(header + 12);
	if (count > ENVELOPE_MAX_HOPS || !envelope_reserve(envelope, count))
		return error_set(err, ERROR_INPUT, "bad_envelope", hint,
						 "the envelope claims %zu hops, more than 48 hours", count);
	if (read_at(fd, envelope->hops, count * sizeof *envelope->hops, sizeof header) !=
		(ssize_t) (count * sizeof *envelope->hops))
	{
		envelope_free(envelope);
		return error_set(err, ERROR_INPUT, "bad_envelope", hint,
						 "the envelope ends before its %zu hops", count);
	}
	envelope->count = count;
	return true;
}
