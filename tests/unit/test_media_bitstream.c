/* sources: media/bitstream.c */
/*
 * tests/unit/test_media_bitstream.c
 *	  Shapes of video packets, whole, cut, shifted and random.
 */
#include "media/bitstream.h"

#include <stdlib.h>

#include "tap.h"

static const uint8_t avcc[] = {1, 0x64, 0, 0x1f, 0xff, 0xe1};
static const uint8_t annex_b[] = {0, 0, 0, 1, 0x67, 0x64};

/* SEI of 2 bytes, an IDR slice of 3 */
static const uint8_t idr[] = {0, 0, 0, 2, 0x06, 0x05, 0, 0, 0, 3, 0x65, 0x88, 0x80};
static const uint8_t inter[] = {0, 0, 0, 3, 0x41, 0x9a, 0x00};

static const uint8_t recovery[] = {0, 0, 0, 2, 0x06, 0x06, 0, 0, 0, 2, 0x41, 0x88};
static const uint8_t coded[] = {0, 0, 0, 1, 0x09, 0x10, 0, 0, 1, 0x65, 0x88};

static void
test_h264(void)
{
	Bitstream stream = bitstream_of(SHAPE_H264, avcc, sizeof avcc);
	uint8_t bad[sizeof idr];

	is_int(stream.length_size, 4, "the record names four length bytes");
	ok(bitstream_fits(stream, idr, sizeof idr), "two units fit");
	is_int(bitstream_start(stream, idr, sizeof idr), START_CLEAN, "an IDR can start");
	is_int(bitstream_start(stream, inter, sizeof inter), START_NOT, "a P slice cannot");
	is_int(bitstream_start(stream, recovery, sizeof recovery), START_RISKY,
		   "a recovery point can, in some players");
	for (size_t size = 0; size < sizeof idr; size++)
		ok(bitstream_fits(stream, idr, size) == (size == 6), "cut to %zu bytes", size);
	ok(!bitstream_fits(stream, idr + 1, sizeof idr - 1), "shifted by a byte");
	memcpy(bad, idr, sizeof bad);
	bad[3] = 0;
	ok(!bitstream_fits(stream, bad, sizeof bad), "a unit of no bytes");
	memset(bad, 0, sizeof bad);
	ok(!bitstream_fits(stream, bad, sizeof bad), "zeros");
	memcpy(bad, idr, sizeof bad);
	bad[10] |= 0x80;
	ok(!bitstream_fits(stream, bad, sizeof bad), "the forbidden bit");
	stream = bitstream_of(SHAPE_H264, annex_b, sizeof annex_b);
	is_int(stream.shape, SHAPE_H264_CODES, "start-code form has no lengths");
	is_int(bitstream_start(stream, coded, sizeof coded), START_CLEAN,
		   "an IDR behind start codes can start");
	is_int(bitstream_start(stream, coded, sizeof coded - 2), START_NOT,
		   "what is before it cannot");
	is_int(bitstream_of(SHAPE_HEVC, avcc, sizeof avcc).shape, SHAPE_UNKNOWN,
		   "a record that is too short is not trusted");
}

/* A CRA picture of two slices becomes a BLA picture, in either form; all else stays. */
static void
test_splice(void)
{
	static const uint8_t hvcc[22] = {1, [21] = 3};
	static const uint8_t pictures[] = {0, 0, 0, 3, 0x40, 0x01, 0x0c,
									   0, 0, 0, 3, 0x2a, 1,    0x80,
									   0, 0, 0, 3, 0x2a, 1,    0x40};
	static const uint8_t spliced[] = {0,    0, 0,    3, 0x40, 0x01, 0x0c, 0,    0, 0,   3,
									  0x24, 1, 0x80, 0, 0,    0,    3,    0x24, 1, 0x40};
	uint8_t coded_cra[] = {0, 0, 0, 1, 0x40, 1, 0, 0, 1, 0x2b, 1, 0x80};
	uint8_t bytes[sizeof pictures];
	Bitstream stream = bitstream_of(SHAPE_HEVC, hvcc, sizeof hvcc);

	memcpy(bytes, pictures, sizeof bytes);
	is_int(bitstream_start(stream, bytes, sizeof bytes), START_CLEAN, "a CRA can start");
	ok(bitstream_splice(stream, bytes, sizeof bytes), "it goes on with what was before");
	ok(memcmp(bytes, spliced, sizeof bytes) == 0, "both of its slices are marked");
	is_int(bitstream_start(stream, bytes, sizeof bytes), START_CLEAN, "a BLA can start");
	ok(!bitstream_splice(stream, bytes, sizeof bytes), "and needs nothing more");
	stream = bitstream_of(SHAPE_HEVC, annex_b, sizeof annex_b);
	is_int(stream.shape, SHAPE_HEVC_CODES, "HEVC in start-code form");
	is_int(bitstream_start(stream, coded_cra, sizeof coded_cra), START_CLEAN,
		   "a CRA behind start codes can start");
	is_int(bitstream_start(stream, coded_cra, 6), START_NOT, "what is before it cannot");
	ok(bitstream_splice(stream, coded_cra, sizeof coded_cra) && coded_cra[9] == 0x25,
	   "and is marked there");
	memcpy(bytes, idr, sizeof idr);
	ok(!bitstream_splice(bitstream_of(SHAPE_H264, avcc, sizeof avcc), bytes, sizeof idr),
	   "H.264 needs nothing");
}

static void
test_others(void)
{
	static const uint8_t vp8[] = {0x10, 0x01, 0x00, 0x9d, 0x01,
								  0x2a, 0x40, 0x01, 0xf0, 0x00};
	static const uint8_t av1[] = {0x12, 0x00, 0x0a, 0x02, 0xaa, 0xbb};
	static const uint8_t vp9[] = {0x82, 0x49, 0x83};
	Bitstream stream = {.shape = SHAPE_VP8};

	ok(bitstream_fits(stream, vp8, sizeof vp8), "a VP8 key frame");
	ok(!bitstream_fits(stream, vp8, 5), "a VP8 key frame without its start code");
	stream.shape = SHAPE_AV1;
	ok(bitstream_fits(stream, av1, sizeof av1), "two AV1 units");
	ok(!bitstream_fits(stream, av1, 5), "an AV1 unit that is cut");
	ok(!bitstream_fits(stream, av1 + 5, 1), "an AV1 forbidden bit");
	stream.shape = SHAPE_VP9;
	ok(bitstream_fits(stream, vp9, sizeof vp9), "a VP9 frame");
	ok(!bitstream_fits(stream, av1, sizeof av1), "no VP9 frame marker");
}

/* Any bytes at all: the walks stay inside the packet (the sanitizers watch). */
static void
test_random(void)
{
	uint32_t seed = 1;
	int fitting = 0;

	for (int round = 0; round < 20000; round++)
	{
		size_t size = (size_t) (round % 40);
		uint8_t *bytes = malloc(size + 1);
		Bitstream stream = {(VideoShape) (round % 6), 1 + round % 4};

		for (size_t i = 0; i < size; i++)
		{
			seed = seed * 1664525u + 1013904223u;
			bytes[i] = (uint8_t) (seed >> (seed >> 28 & 15));
		}
		fitting += bitstream_fits(stream, bytes, size) ? 1 : 0;
		fitting += bitstream_start(stream, bytes, size) == START_CLEAN ? 1 : 0;
		free(bytes);
	}
	ok(fitting > 0, "20000 random packets are judged");
}

int
main(void)
{
	test_h264();
	test_splice();
	test_others();
	test_random();
	return done_testing();
}
