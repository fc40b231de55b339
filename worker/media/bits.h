/*
 * media/bits.h
 *	  Reads bits of an H.264 NAL unit: fixed lengths and Exp-Golomb numbers.
 *
 * Emulation prevention (00 00 03) is taken out on the way. Reading past the end, and a number
 * that needs more than 32 bits, sets `failed` and gives 0 from then on.
 */
#ifndef LEAP_MEDIA_BITS_H
#define LEAP_MEDIA_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct BitReader
{
	const uint8_t *at;
	const uint8_t *end;
	unsigned zeros; /* zero bytes just read */
	unsigned left;  /* bits of `byte` not yet taken */
	uint8_t byte;
	bool failed;
} BitReader;

static inline void
bits_init(BitReader *bits, const uint8_t *bytes, size_t size)
{
	*bits = (BitReader){.at = bytes, .end = bytes + size};
}

/* Moves to the next byte; false at the end. */
static inline bool
bits_next_byte(BitReader *bits)
{
	if (bits->zeros >= 2 && bits->at < bits->end && *bits->at == 3)
	{
		bits->at++;
		bits->zeros = 0;
	}
	if (bits->failed || bits->at >= bits->end)
	{
		bits->failed = true;
		return false;
	}
	bits->byte = *bits->at++;
	bits->zeros = bits->byte == 0 ? bits->zeros + 1 : 0;
	bits->left = 8;
	return true;
}

/* The number in the next `count` bits, count 0..32. */
static inline uint32_t
bits_take(BitReader *bits, unsigned count)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < count; i++)
	{
		if (bits->left == 0 && !bits_next_byte(bits))
			return 0;
		bits->left--;
		value = value << 1 | (bits->byte >> bits->left & 1u);
	}
	return value;
}

/* An unsigned Exp-Golomb number. */
static inline uint32_t
bits_ue(BitReader *bits)
{
	unsigned zeros = 0;
	uint32_t rest;

	while (!bits->failed && bits_take(bits, 1) == 0)
		if (++zeros > 31)
			bits->failed = true;
	rest = bits_take(bits, zeros);
	return bits->failed ? 0 : (UINT32_C(1) << zeros) - 1 + rest;
}

/* A signed one. */
static inline int32_t
bits_se(BitReader *bits)
{
	uint32_t number = bits_ue(bits);
	int32_t half = (int32_t) (number / 2);

	return number % 2 != 0 ? half + 1 : -half;
}

#endif
