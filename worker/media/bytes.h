/*
 * media/bytes.h
 *	  Numbers in files, and reading and writing a descriptor at an offset, whole.
 */
#ifndef LEAP_MEDIA_BYTES_H
#define LEAP_MEDIA_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

static inline uint32_t
get_le32(const uint8_t *p)
{
	return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 |
		   (uint32_t) p[3] << 24;
}

static inline void
put_le32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t) (value >> (8 * i));
}

static inline void
put_le16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t) value;
	p[1] = (uint8_t) (value >> 8);
}

/* The big-endian number in `size` bytes, size 0..8. */
static inline uint64_t
get_be(const uint8_t *p, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | p[i];
	return value;
}

/* Reads up to length bytes at offset: fewer only at the end of the file; -1 and errno on
 * failure. The position of the descriptor is neither used nor moved. */
ssize_t read_at(int fd, void *bytes, size_t length, int64_t offset);

/* Writes all bytes at offset; false and errno on failure. */
bool write_at(int fd, const void *bytes, size_t length, int64_t offset);

#endif
