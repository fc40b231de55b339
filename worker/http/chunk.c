/*
 * http/chunk.c
 *	  Takes a chunked body apart while it arrives.
 */
#include "http/chunk.h"

/* 15 hexadecimal digits are an exabyte: enough, and no overflow. */
#define MOST_DIGITS 15

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static ChunkPlace
take_digit(ChunkReader *reader, char c)
{
	int value = hex_value(c);

	if (value < 0 || reader->digits == MOST_DIGITS)
		return CHUNK_REFUSED;
	reader->digits++;
	reader->left = reader->left * 16 + (uint64_t) value;
	return CHUNK_SIZE_MORE;
}

/* The place after this byte, which is none of the data. */
static ChunkPlace
take_byte(ChunkReader *reader, char c)
{
	switch (reader->place)
	{
		case CHUNK_SIZE:
			reader->digits = 0;
			reader->left = 0;
			return take_digit(reader, c);
		case CHUNK_SIZE_MORE:
			return c == '\r' ? CHUNK_SIZE_LF : take_digit(reader, c);
		case CHUNK_SIZE_LF:
			if (c != '\n')
				return CHUNK_REFUSED;
			return reader->left > 0 ? CHUNK_DATA : CHUNK_END_CR;
		case CHUNK_DATA_CR:
			return c == '\r' ? CHUNK_DATA_LF : CHUNK_REFUSED;
		case CHUNK_DATA_LF:
			return c == '\n' ? CHUNK_SIZE : CHUNK_REFUSED;
		case CHUNK_END_CR:
			return c == '\r' ? CHUNK_END_LF : CHUNK_REFUSED;
		case CHUNK_END_LF:
			return c == '\n' ? CHUNK_ENDED : CHUNK_REFUSED;
		case CHUNK_DATA:
		case CHUNK_ENDED:
		case CHUNK_REFUSED:
			break;
	}
	return reader->place;
}

size_t
chunk_read(ChunkReader *reader, const char *bytes, size_t length, const char **data,
		   size_t *data_length)
{
	size_t used = 0;

	*data = bytes;
	*data_length = 0;
	while (used < length && reader->place != CHUNK_DATA && reader->place != CHUNK_ENDED &&
		   reader->place != CHUNK_REFUSED)
		reader->place = take_byte(reader, bytes[used++]);
	if (reader->place == CHUNK_DATA && used < length)
	{
		size_t part = length - used;

		if (part > reader->left)
			part = (size_t) reader->left;
		*data = bytes + used;
		*data_length = part;
		reader->left -= part;
		if (reader->left == 0)
			reader->place = CHUNK_DATA_CR;
		used += part;
	}
	return used;
}
