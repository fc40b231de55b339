/*
 * media/bitstream.c
 *	  The shape of compressed video packets.
 */
#include "media/bitstream.h"

#include "media/bytes.h"

/* Where the configuration records keep the size of the length field, less one. */
#define AVCC_LENGTH_BYTE 4
#define HVCC_LENGTH_BYTE 21

/* H.264: 5 is an IDR slice, 6 SEI (a recovery point marks an open group of pictures) */
#define H264_NAL_IDR 5
#define H264_NAL_SEI 6

/* HEVC: 16..23 are the random access pictures; 21, CRA, goes on with the pictures before it,
 * 18, BLA without leading pictures, is the same picture where nothing before it counts. */
#define HEVC_NAL_IRAP_FIRST 16
#define HEVC_NAL_BLA_N_LP   18
#define HEVC_NAL_CRA        21
#define HEVC_NAL_IRAP_LAST  23

static bool
has_start_code(const uint8_t *config, size_t size)
{
	return size >= 4 && config[0] == 0 && config[1] == 0 &&
		   (config[2] == 1 || (config[2] == 0 && config[3] == 1));
}

Bitstream
bitstream_of(VideoShape shape, const uint8_t *config, size_t size)
{
	Bitstream bitstream = {.shape = shape};
	size_t length_byte;

	if (shape != SHAPE_H264 && shape != SHAPE_HEVC)
		return bitstream;
	length_byte = shape == SHAPE_H264 ? AVCC_LENGTH_BYTE : HVCC_LENGTH_BYTE;
	/* a record begins with its version, 1; start-code form with zeros */
	if (shape == SHAPE_HEVC && has_start_code(config, size))
		return (Bitstream){.shape = SHAPE_HEVC_CODES};
	if (size <= length_byte || config[0] != 1)
		return (Bitstream){.shape =
							   shape == SHAPE_H264 ? SHAPE_H264_CODES : SHAPE_UNKNOWN};
	bitstream.length_size = (config[length_byte] & 3) + 1;
	return bitstream;
}

typedef bool (*NalSeen)(void *arg, const uint8_t *nal);

/*
 * Walks the NAL units of a packet; false when their lengths do not add up to its size, one
 * is empty, or a forbidden bit is set. seen may be NULL and ends the walk by false.
 */
static bool
walk_nals(int length_size, const uint8_t *data, size_t size, NalSeen seen, void *arg)
{
	size_t at = 0;

	while (at < size)
	{
		uint64_t length;

		if (size - at < (size_t) length_size)
			return false;
		length = get_be(data + at, (size_t) length_size);
		at += (size_t) length_size;
		if (length == 0 || length > size - at || (data[at] & 0x80) != 0)
			return false;
		if (seen != NULL && !seen(arg, data + at))
			return true;
		at += (size_t) length;
	}
	return size > 0;
}

/* AV1: units with a header, mostly with a length in groups of 7 bits. */
static bool
walk_obus(const uint8_t *data, size_t size)
{
	size_t at = 0;

	while (at < size)
	{
		uint8_t header = data[at++];
		uint64_t length = 0;
		unsigned shift = 0;

		if ((header & 0x80) != 0)
			return false;
		if ((header & 0x04) != 0 && at++ >= size)
			return false;
		if ((header & 0x02) == 0)
			return true;
		do
		{
			if (at >= size || shift > 28)
				return false;
			length |= (uint64_t) (data[at] & 0x7f) << shift;
			shift += 7;
		} while ((data[at++] & 0x80) != 0);
		if (length > size - at)
			return false;
		at += (size_t) length;
	}
	return size > 0;
}

/* A VP8 key frame (bit 0 clear) carries a start code behind its 3-byte tag, and the first
 * partition, whose size is in the tag, lies within the packet. */
static bool
vp8_fits(const uint8_t *data, size_t size)
{
	size_t first_partition;

	if (size == 0)
		return true; /* a dropped frame */
	if (size < 3)
		return false;
	first_partition = (size_t) (data[0] | data[1] << 8 | data[2] << 16) >> 5;
	if (first_partition > size)
		return false;
	return (data[0] & 1) != 0 ||
		   (size >= 10 && data[3] == 0x9d && data[4] == 0x01 && data[5] == 0x2a);
}

bool
bitstream_fits(Bitstream bitstream, const uint8_t *data, size_t size)
{
	switch (bitstream.shape)
	{
		case SHAPE_H264:
		case SHAPE_HEVC:
			return walk_nals(bitstream.length_size, data, size, NULL, NULL);
		case SHAPE_VP8:
			return vp8_fits(data, size);
		case SHAPE_VP9:
			return size > 0 && data[0] >> 6 == 2; /* the frame marker */
		case SHAPE_AV1:
			return walk_obus(data, size);
		case SHAPE_H264_CODES:
		case SHAPE_HEVC_CODES:
		case SHAPE_UNKNOWN:
			break;
	}
	return true;
}

static int
hevc_type(const uint8_t *nal)
{
	return nal[0] >> 1 & 0x3f;
}

static bool
look_for_h264(void *found, const uint8_t *nal)
{
	int type = nal[0] & 0x1f;

	if (type == H264_NAL_IDR)
		*(BitstreamStart *) found = START_CLEAN;
	else if (type == H264_NAL_SEI)
		*(BitstreamStart *) found = START_RISKY;
	return type != H264_NAL_IDR;
}

static bool
look_for_hevc(void *found, const uint8_t *nal)
{
	int type = hevc_type(nal);
	bool is_start = type >= HEVC_NAL_IRAP_FIRST && type <= HEVC_NAL_IRAP_LAST;

	if (is_start)
		*(BitstreamStart *) found = START_CLEAN;
	return !is_start;
}

/* The NAL units of a packet in start-code form, 00 00 01 before each. */
static void
walk_start_codes(const uint8_t *data, size_t size, NalSeen seen, void *arg)
{
	for (size_t at = 3; at < size; at++)
		if (data[at - 1] == 1 && data[at - 2] == 0 && data[at - 3] == 0 &&
			!seen(arg, data + at))
			return;
}

BitstreamStart
bitstream_start(Bitstream bitstream, const uint8_t *data, size_t size)
{
	BitstreamStart found = START_NOT;

	switch (bitstream.shape)
	{
		case SHAPE_H264_CODES:
			walk_start_codes(data, size, look_for_h264, &found);
			return found;
		case SHAPE_HEVC_CODES:
			walk_start_codes(data, size, look_for_hevc, &found);
			return found;
		case SHAPE_H264:
		case SHAPE_HEVC:
			return walk_nals(bitstream.length_size, data, size,
							 bitstream.shape == SHAPE_HEVC ? look_for_hevc
														   : look_for_h264,
							 &found)
					   ? found
					   : START_NOT;
		case SHAPE_VP8:
		case SHAPE_VP9:
		case SHAPE_AV1:
		case SHAPE_UNKNOWN:
			break;
	}
	return START_CLEAN;
}

/* The bytes that are walked, to be written where a unit is found. */
typedef struct Splice
{
	uint8_t *data;
	bool changed;
} Splice;

static bool
break_link(void *arg, const uint8_t *nal)
{
	Splice *splice = arg;
	uint8_t *header = splice->data + (nal - splice->data);

	if (hevc_type(nal) == HEVC_NAL_CRA)
	{
		*header = (uint8_t) ((*header & 0x81) | HEVC_NAL_BLA_N_LP << 1);
		splice->changed = true;
	}
	return true;
}

bool
bitstream_splice(Bitstream bitstream, uint8_t *data, size_t size)
{
	Splice splice = {.data = data};

	if (bitstream.shape == SHAPE_HEVC_CODES)
		walk_start_codes(data, size, break_link, &splice);
	else if (bitstream.shape == SHAPE_HEVC)
		(void) walk_nals(bitstream.length_size, data, size, break_link, &splice);
	return splice.changed;
}
