/*
 * media/wave.c
 *	  Peaks for drawing.
 */
#include "media/wave.h"

#include <math.h>

#include "media/bytes.h"

#define WAVE_VERSION 2
#define WAVE_8_BITS  1 /* a flag */
#define WAVE_FULL    127

#define HOPS_PER_PIXEL (ENVELOPE_PER_SECOND / WAVE_PER_SECOND)

/* Pixels put together before they are written. */
#define BLOCK_PIXELS 4096

/* The loudest peak of a pixel's hops, as the amplitude of a sample of 8 bits. */
static uint8_t
amplitude(const Envelope *envelope, size_t pixel)
{
	size_t from = pixel * HOPS_PER_PIXEL;
	size_t to = from + HOPS_PER_PIXEL;
	uint8_t loudest = ENVELOPE_SILENT;

	for (size_t i = from; i < to && i < envelope->count; i++)
		if (envelope->hops[i].peak < loudest)
			loudest = envelope->hops[i].peak;
	return (uint8_t) lround(WAVE_FULL * pow(10.0, envelope_decibel(loudest) / 20.0));
}

static bool
write_header(size_t pixels, int fd)
{
	uint8_t header[WAVE_HEADER_SIZE];

	put_le32(header, WAVE_VERSION);
	put_le32(header + 4, WAVE_8_BITS);
	put_le32(header + 8, WAVE_RATE);
	put_le32(header + 12, WAVE_RATE / WAVE_PER_SECOND);
	put_le32(header + 16, (uint32_t) pixels);
	put_le32(header + 20, 1); /* channel */
	return write_at(fd, header, sizeof header, 0);
}

bool
wave_write(const Envelope *envelope, int fd, Error *err)
{
	size_t pixels = (envelope->count + HOPS_PER_PIXEL - 1) / HOPS_PER_PIXEL;
	uint8_t block[2 * BLOCK_PIXELS];
	size_t filled = 0;
	int64_t at = WAVE_HEADER_SIZE;
	bool written = write_header(pixels, fd);

	for (size_t pixel = 0; written && pixel < pixels; pixel++)
	{
		uint8_t high = amplitude(envelope, pixel);

		block[filled++] = (uint8_t) -high; /* two's complement */
		block[filled++] = high;
		if (filled == sizeof block || pixel + 1 == pixels)
		{
			written = write_at(fd, block, filled, at);
			at += (int64_t) filled;
			filled = 0;
		}
	}
	return written || error_errno(err, "write_failed", "cannot write the waveform");
}
