/*
 * media/ends.c
 *	  The ends of RIFF, Ogg and transport stream files.
 */
#include "media/ends.h"

#include <string.h>

#include "media/bytes.h"

#define RIFF_HEADER 8

/* More RIFF parts (of 1 GB each) than a file of a year has. */
#define MAX_PARTS 4096

#define OGG_HEADER  27
#define OGG_LENGTHS 255 /* lengths of the segments of a page, a byte each */

/* The longest page: header, lengths, and as many full segments. */
#define OGG_PAGE (OGG_HEADER + OGG_LENGTHS + OGG_LENGTHS * 255)

#define TS_SYNC 0x47

/* So many packets at the beginning must look like those of a transport stream. */
#define TS_PACKETS 5

/* A packet of a transport stream, with or without a time stamp before it. */
static const struct
{
	int64_t size;
	int64_t sync; /* where in it the sync byte lies */
} ts_packets[] = {
	{188, 0},
	{192, 4},
	{204, 0},
};

static bool
has_bytes(StructureRead read, void *arg, void *bytes, size_t length, int64_t offset)
{
	return read(arg, bytes, length, offset) == (ssize_t) length;
}

static int64_t
riff_missing(StructureRead read, void *arg, int64_t size)
{
	int64_t at = 0;

	for (int part = 0; part < MAX_PARTS; part++)
	{
		uint8_t header[RIFF_HEADER];
		uint32_t length;

		if (!has_bytes(read, arg, header, sizeof header, at) ||
			memcmp(header, "RIFF", 4) != 0)
			return 0;
		length = get_le32(header + 4);
		/* written to a pipe: the size was never known */
		if (length == 0 || length == UINT32_MAX)
			return 0;
		at += RIFF_HEADER + (int64_t) length;
		if (at > size)
			return at - size;
		at += length & 1;
	}
	return 0;
}

/* What the last page, whose header begins the bytes, lacks of its size. */
static int64_t
page_missing(const uint8_t *page, size_t size)
{
	size_t length = OGG_HEADER;

	if (size < OGG_HEADER)
		return (int64_t) (OGG_HEADER - size);
	length += page[OGG_HEADER - 1];
	for (size_t i = OGG_HEADER; i < size && i < OGG_HEADER + (size_t) page[26]; i++)
		length += page[i];
	return length > size ? (int64_t) (length - size) : 0;
}

static int64_t
ogg_missing(StructureRead read, void *arg, int64_t size)
{
	uint8_t tail[OGG_PAGE];
	size_t length = size < OGG_PAGE ? (size_t) size : OGG_PAGE;

	if (!has_bytes(read, arg, tail, length, size - (int64_t) length))
		return 0;
	for (size_t i = length; i >= 4; i--)
		if (memcmp(tail + i - 4, "OggS", 4) == 0)
			return page_missing(tail + i - 4, length - (i - 4));
	return 0;
}

static bool
is_sync(StructureRead read, void *arg, int64_t offset)
{
	uint8_t byte;

	return has_bytes(read, arg, &byte, 1, offset) && byte == TS_SYNC;
}

static int64_t
ts_missing(StructureRead read, void *arg, int64_t size)
{
	for (size_t i = 0; i < sizeof ts_packets / sizeof ts_packets[0]; i++)
	{
		int64_t packet = ts_packets[i].size;
		int64_t last = (size / packet - 1) * packet;
		bool fits = size >= TS_PACKETS * packet;

		for (int k = 0; fits && k < TS_PACKETS; k++)
			fits = is_sync(read, arg, k * packet + ts_packets[i].sync);
		/* the same grid up to the end: not moved by what was lost before */
		if (fits && is_sync(read, arg, last + ts_packets[i].sync))
			return size % packet == 0 ? 0 : packet - size % packet;
	}
	return 0;
}

int64_t
ends_missing(StructureRead read, void *arg, int64_t size)
{
	uint8_t head[4];

	if (!has_bytes(read, arg, head, sizeof head, 0))
		return 0;
	if (memcmp(head, "RIFF", 4) == 0)
		return riff_missing(read, arg, size);
	if (memcmp(head, "OggS", 4) == 0)
		return ogg_missing(read, arg, size);
	return ts_missing(read, arg, size);
}
