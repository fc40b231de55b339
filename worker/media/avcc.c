/*
 * media/avcc.c
 *	  Parameter sets and NAL units of H.264.
 */
#include "media/avcc.h"

#include <string.h>

#include "media/bits.h"
#include "media/bytes.h"

enum
{
	NAL_SLICE = 1,
	NAL_IDR = 5,
	NAL_SPS = 7,
	NAL_PPS = 8
};

static int
nal_type(const uint8_t *nal)
{
	return nal[0] & 0x1f;
}

/* The id is the first number of a picture set and the first behind three bytes of the
 * sequence set; false for an id out of range. */
static bool
read_id(AvccSet *set)
{
	size_t skipped = nal_type(set->bytes) == NAL_SPS ? 4 : 1;
	BitReader bits;

	if (set->size <= skipped)
		return false;
	bits_init(&bits, set->bytes + skipped, set->size - skipped);
	set->id = bits_ue(&bits);
	return !bits.failed && set->id < (skipped == 4 ? AVCC_IDS : 256);
}

/* Reads `count` sets of one type at *at and moves it on. */
static bool
parse_sets(const uint8_t *record, size_t size, size_t *at, size_t count, int type,
		   AvccSet *sets)
{
	for (size_t i = 0; i < count; i++)
	{
		if (size - *at < 2)
			return false;
		sets[i].size = (size_t) get_be(record + *at, 2);
		sets[i].bytes = record + *at + 2;
		*at += 2;
		if (sets[i].size == 0 || sets[i].size > size - *at ||
			nal_type(sets[i].bytes) != type || !read_id(&sets[i]))
			return false;
		*at += sets[i].size;
	}
	return true;
}

bool
avcc_parse(const uint8_t *record, size_t size, Avcc *avcc)
{
	size_t at = 6;

	memset(avcc, 0, sizeof *avcc);
	if (size < 7 || record[0] != 1)
		return false;
	avcc->profile = record[1];
	avcc->compatibility = record[2];
	avcc->level = record[3];
	avcc->length_size = (record[4] & 3) + 1;
	avcc->sps_count = record[5] & 0x1f;
	if (avcc->length_size == 3 || avcc->sps_count == 0 ||
		!parse_sets(record, size, &at, avcc->sps_count, NAL_SPS, avcc->sps) || at >= size)
		return false;
	avcc->pps_count = record[at++];
	if (avcc->pps_count == 0 ||
		!parse_sets(record, size, &at, avcc->pps_count, NAL_PPS, avcc->pps))
		return false;
	avcc->rest = record + at;
	avcc->rest_size = size - at;
	return true;
}

/* The place of the next start code (00 00 01) from `at` on, or size. */
static size_t
next_start(const uint8_t *data, size_t size, size_t at)
{
	for (; at + 3 <= size; at++)
		if (data[at] == 0 && data[at + 1] == 0 && data[at + 2] == 1)
			return at;
	return size;
}

/* The NAL unit behind the start code at *at, moved to the next; false at the end. Zeros
 * between two units belong to neither. */
static bool
next_nal(const uint8_t *data, size_t size, size_t *at, AvccSet *nal)
{
	while (*at < size)
	{
		size_t begin = *at + 3;
		size_t end = next_start(data, size, begin < size ? begin : size);

		*at = end;
		while (end > begin && data[end - 1] == 0)
			end--;
		if (begin >= end)
			continue;
		*nal = (AvccSet){.bytes = data + begin, .size = end - begin};
		return true;
	}
	return false;
}

static bool
has_id(const AvccSet *sets, size_t count, unsigned id)
{
	for (size_t i = 0; i < count; i++)
		if (sets[i].id == id)
			return true;
	return false;
}

static bool
add_set(AvccSet *sets, size_t *count, size_t most, AvccSet *set)
{
	if (*count >= most || set->size > UINT16_MAX || !read_id(set) ||
		has_id(sets, *count, set->id))
		return false;
	sets[(*count)++] = *set;
	return true;
}

bool
avcc_add(Avcc *avcc, const uint8_t *annexb, size_t size)
{
	size_t at = next_start(annexb, size, 0);
	size_t sps_before = avcc->sps_count;
	size_t pps_before = avcc->pps_count;
	AvccSet nal;

	while (next_nal(annexb, size, &at, &nal))
	{
		int type = nal_type(nal.bytes);

		if (type == NAL_SPS && !add_set(avcc->sps, &avcc->sps_count, AVCC_MAX_SPS, &nal))
			return false;
		if (type == NAL_PPS && !add_set(avcc->pps, &avcc->pps_count, AVCC_MAX_PPS, &nal))
			return false;
	}
	return avcc->sps_count > sps_before && avcc->pps_count > pps_before;
}

int
avcc_free_id(const Avcc *avcc)
{
	for (unsigned id = 0; id < AVCC_IDS; id++)
		if (!has_id(avcc->sps, avcc->sps_count, id) &&
			!has_id(avcc->pps, avcc->pps_count, id))
			return (int) id;
	return -1;
}

size_t
avcc_size(const Avcc *avcc)
{
	size_t size = 7 + avcc->rest_size;

	for (size_t i = 0; i < avcc->sps_count; i++)
		size += 2 + avcc->sps[i].size;
	for (size_t i = 0; i < avcc->pps_count; i++)
		size += 2 + avcc->pps[i].size;
	return size;
}

static uint8_t *
write_sets(uint8_t *out, const AvccSet *sets, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		out[0] = (uint8_t) (sets[i].size >> 8);
		out[1] = (uint8_t) sets[i].size;
		memcpy(out + 2, sets[i].bytes, sets[i].size);
		out += 2 + sets[i].size;
	}
	return out;
}

size_t
avcc_write(const Avcc *avcc, uint8_t *out)
{
	uint8_t *at = out + 6;

	out[0] = 1;
	out[1] = avcc->profile;
	out[2] = avcc->compatibility;
	out[3] = avcc->level;
	for (size_t i = 0; i < avcc->sps_count; i++)
		if (avcc->sps[i].bytes[3] > out[3])
			out[3] = avcc->sps[i].bytes[3];
	out[4] = (uint8_t) (0xfc | (avcc->length_size - 1));
	out[5] = (uint8_t) (0xe0 | avcc->sps_count);
	at = write_sets(at, avcc->sps, avcc->sps_count);
	*at++ = (uint8_t) avcc->pps_count;
	at = write_sets(at, avcc->pps, avcc->pps_count);
	if (avcc->rest_size > 0)
		memcpy(at, avcc->rest, avcc->rest_size);
	return (size_t) (at - out) + avcc->rest_size;
}

/* The profiles whose sets tell chroma format, depth and scaling lists. */
static bool
is_high(unsigned profile)
{
	static const uint8_t high[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139};

	return memchr(high, (int) profile, sizeof high) != NULL;
}

static void
skip_scaling_list(BitReader *bits, int entries)
{
	int last = 8;
	int next = 8;

	for (int i = 0; i < entries && !bits->failed; i++)
	{
		if (next != 0)
			next = (int) (((uint32_t) last + (uint32_t) bits_se(bits)) & 0xff);
		last = next == 0 ? last : next;
	}
}

static void
read_high(BitReader *bits, AvccFormat *format)
{
	int lists;

	format->chroma = bits_ue(bits);
	if (format->chroma == 3)
		(void) bits_take(bits, 1);
	format->luma_depth = 8 + bits_ue(bits);
	format->chroma_depth = 8 + bits_ue(bits);
	(void) bits_take(bits, 1);
	if (bits_take(bits, 1) == 0)
		return;
	lists = format->chroma == 3 ? 12 : 8;
	for (int i = 0; i < lists && !bits->failed; i++)
		if (bits_take(bits, 1) != 0)
			skip_scaling_list(bits, i < 6 ? 16 : 64);
}

/* How the order of pictures is told. */
static void
skip_picture_order(BitReader *bits)
{
	unsigned type = bits_ue(bits);
	unsigned cycle;

	if (type == 0)
		(void) bits_ue(bits);
	if (type != 1)
		return;
	(void) bits_take(bits, 1);
	(void) bits_se(bits);
	(void) bits_se(bits);
	cycle = bits_ue(bits);
	for (unsigned i = 0; i < cycle && i < 256 && !bits->failed; i++)
		(void) bits_se(bits);
}

bool
avcc_format(const AvccSet *sps, AvccFormat *format)
{
	BitReader bits;

	if (sps->size < 5)
		return false;
	*format = (AvccFormat){.profile = sps->bytes[1],
						   .compatibility = sps->bytes[2],
						   .level = sps->bytes[3],
						   .chroma = 1,
						   .luma_depth = 8,
						   .chroma_depth = 8};
	bits_init(&bits, sps->bytes + 4, sps->size - 4);
	(void) bits_ue(&bits); /* its id */
	if (is_high(format->profile))
		read_high(&bits, format);
	(void) bits_ue(&bits); /* bits of frame numbers */
	skip_picture_order(&bits);
	(void) bits_ue(&bits);      /* references */
	(void) bits_take(&bits, 1); /* gaps */
	(void) bits_ue(&bits);      /* width and height in macroblocks */
	(void) bits_ue(&bits);
	format->frames_only = bits_take(&bits, 1) != 0;
	return !bits.failed;
}

static bool
holds(const AvccSet *sets, size_t count, const uint8_t *nal, size_t size)
{
	for (size_t i = 0; i < count; i++)
		if (sets[i].size == size && memcmp(sets[i].bytes, nal, size) == 0)
			return true;
	return false;
}

AvccPacket
avcc_look(const Avcc *avcc, const uint8_t *data, size_t size)
{
	size_t length_size = (size_t) avcc->length_size;
	AvccPacket packet = {0};
	size_t at = 0;

	while (size - at > length_size)
	{
		size_t length = (size_t) get_be(data + at, length_size);
		const uint8_t *nal = data + at + length_size;
		int type;

		at += length_size;
		if (length == 0 || length > size - at)
			return packet;
		type = nal_type(nal);
		packet.is_idr = packet.is_idr || type == NAL_IDR;
		if (type == NAL_SPS && !holds(avcc->sps, avcc->sps_count, nal, length))
			packet.other_sets = true;
		if (type == NAL_PPS && !holds(avcc->pps, avcc->pps_count, nal, length))
			packet.other_sets = true;
		at += length;
	}
	packet.whole = at == size && size > 0;
	packet.is_idr = packet.is_idr && packet.whole;
	return packet;
}

size_t
avcc_from_annexb(const uint8_t *in, size_t size, int length_size, uint8_t *out)
{
	size_t at = next_start(in, size, 0);
	size_t written = 0;
	AvccSet nal;

	while (next_nal(in, size, &at, &nal))
	{
		int type = nal_type(nal.bytes);

		if (type < NAL_SLICE || type > NAL_IDR)
			continue;
		if (length_size < 4 && nal.size >> (8 * length_size) != 0)
			return 0;
		for (int i = 0; i < length_size; i++)
			out[written++] = (uint8_t) (nal.size >> (8 * (length_size - 1 - i)));
		memcpy(out + written, nal.bytes, nal.size);
		written += nal.size;
	}
	return written;
}
