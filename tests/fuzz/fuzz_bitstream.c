/* sources: media/bitstream.c */
/* libs: -lm */
/*
 * tests/fuzz/fuzz_bitstream.c
 *	  Any configuration record and any packet: no byte beside them is read, and what is called
 *	  a whole packet consists of the parts that its lengths name.
 *
 * An input is the shape, the length of the record, the record, and the packet.
 */
#include "media/bitstream.h"

#define FUZZ_BINARY
#include "driver.h"

#define AVCC "\1\144\0\36\377\341\0\2\147\144\1\0\1\150"
#define HVCC                                                                    \
	"\1\1\140\0\0\0\220\0\0\0\0\0\36\360\0\374\375\370\370\0\0\17\1\40\0\1\0\2" \
	"\100\1"
#define IDR  "\0\0\0\2\11\20\0\0\0\4\145\210\204\0\0\0\0\3\41\342\0"
#define IRAP "\0\0\0\3\116\1\5\0\0\0\4\46\1\257\10"

#define SAMPLE(text) (sizeof(text) - 1)

/* shape, record length, record, packet */
#define H264   "\1\16" AVCC IDR
#define HEVC   "\2\37" HVCC IRAP
#define SHORT  "\1\16\1\144\0\36\375\341\0\2\147\144\1\0\1\150\0\2\11\20\0\4\145\210\204\0"
#define STARTS "\1\4\0\0\0\1\0\0\0\1\145\210"
#define VP8 \
	"\3\0\20\2\0\235\1\52\140\0\60\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22"
#define VP9      "\4\0\202\111\203\102\0"
#define AV1      "\5\4\201\5\14\0\22\0\12\13\0\0\0\44\304\377\337\77\376\60\100\62\202\1\20\0"
#define AV1_LAST "\5\0\22\0\20\1\2\3\4"

const char *const fuzz_samples[] = {H264, HEVC, SHORT,    STARTS, VP8,
									VP9,  AV1,  AV1_LAST, NULL};
const size_t fuzz_sizes[] = {SAMPLE(H264), SAMPLE(HEVC), SAMPLE(SHORT), SAMPLE(STARTS),
							 SAMPLE(VP8),  SAMPLE(VP9),  SAMPLE(AV1),   SAMPLE(AV1_LAST)};

/* A copy of its own, so that reading beside it is seen; not of nothing. */
static uint8_t *
copy_of(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size == 0 ? 1 : size);

	if (copy == NULL)
		abort();
	memcpy(copy, bytes, size);
	return copy;
}

/* Do lengths of so many bytes lead from the beginning exactly to the end? */
static bool
adds_up(int length_size, const uint8_t *packet, size_t size)
{
	size_t at = 0;
	size_t parts = 0;

	while (size - at >= (size_t) length_size)
	{
		size_t length = 0;

		for (int i = 0; i < length_size; i++)
			length = length << 8 | packet[at + (size_t) i];
		at += (size_t) length_size;
		if (length == 0 || length > size - at || packet[at] >= 128)
			return false;
		at += length;
		parts++;
	}
	return parts > 0 && at == size;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Bitstream bitstream;
	size_t record;
	uint8_t *config;
	uint8_t *packet;
	BitstreamStart start;
	bool fits;

	if (size < 2)
		return 0;
	record = data[1] < size - 2 ? data[1] : size - 2;
	config = copy_of(data + 2, record);
	packet = copy_of(data + 2 + record, size - 2 - record);
	size -= 2 + record;
	bitstream =
		bitstream_of((VideoShape) (data[0] % (SHAPE_HEVC_CODES + 1)), config, record);
	fits = bitstream_fits(bitstream, packet, size);
	if (bitstream.shape == SHAPE_H264 || bitstream.shape == SHAPE_HEVC)
	{
		fuzz_check(bitstream.length_size >= 1 && bitstream.length_size <= 4,
				   "a length has one to four bytes");
		fuzz_check(fits == adds_up(bitstream.length_size, packet, size),
				   "a packet fits when its lengths add up");
	}
	if (bitstream.shape == SHAPE_UNKNOWN)
		fuzz_check(fits, "what is not known is not blamed");
	if (!fits && bitstream.shape == SHAPE_HEVC)
		fuzz_check(bitstream_start(bitstream, packet, 0) == START_NOT,
				   "nothing begins with nothing");
	start = bitstream_start(bitstream, packet, size);
	(void) bitstream_splice(bitstream, packet, size);
	fuzz_check(bitstream_start(bitstream, packet, size) == start &&
				   bitstream_fits(bitstream, packet, size) == fits &&
				   !bitstream_splice(bitstream, packet, size),
			   "a splice changes a picture's kind, once, and nothing else");
	free(packet);
	free(config);
	return 0;
}
