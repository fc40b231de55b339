/* sources: media/avcc.c */
/*
 * tests/unit/test_media_avcc.c
 *	  Parameter sets of H.264: reading a record, adding those of an encoder, and turning its
 *	  slices into the form of MP4.
 */
#include "media/avcc.h"

#include <stdlib.h>

#include "tap.h"

/* 720p, High, level 3.1, as x264 writes it, with ids 0, and the same with ids 5. */
#define SPS0                                                                            \
	0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x10, 0x00, 0x00, \
		0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x83, 0x19, 0x60
#define PPS0 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0
#define SPS5 0x67, 0x64, 0x00, 0x20, 0x35, 0x9b, 0x28, 0x0a, 0x00, 0xb7, 0x60
#define PPS5 0x68, 0x31, 0xb8, 0xf2

static const uint8_t record[] = {1, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0,    26,  SPS0,
								 1, 0,    6,    PPS0, 0xfd, 0xf8, 0xf8, 0x00};
static const uint8_t headers[] = {0, 0, 0, 1, SPS5, 0, 0, 1,   PPS5,
								  0, 0, 1, 6, 5,    1, 2, 0x80};

static void
test_parse(Avcc *avcc)
{
	AvccFormat format;

	ok(avcc_parse(record, sizeof record, avcc), "a record is read");
	is_int(avcc->length_size, 4, "the size of its lengths");
	is_int((long long) avcc->sps_count, 1, "its sequence sets");
	is_int((long long) avcc->pps_count, 1, "its picture sets");
	is_int((long long) avcc->rest_size, 4, "what follows");
	is_int(avcc_free_id(avcc), 1, "the first id that is free");
	ok(avcc_format(&avcc->sps[0], &format), "the format of its pictures");
	ok(format.profile == 100 && format.level == 31 && format.chroma == 1 &&
		   format.luma_depth == 8 && format.chroma_depth == 8 && format.frames_only,
	   "High at 3.1, 8 bits 4:2:0, no fields");
	for (size_t size = 0; size < sizeof record - 4; size++)
	{
		Avcc cut;

		if (avcc_parse(record, size, &cut))
			ok(false, "%zu bytes of a record are none", size);
	}
}

static void
test_add(Avcc *avcc)
{
	uint8_t written[sizeof record + sizeof headers];
	Avcc again;
	Avcc twice = *avcc;
	size_t size;

	ok(avcc_add(avcc, headers, sizeof headers), "sets of an encoder are added");
	ok(avcc->sps[1].id == 5 && avcc->pps[1].id == 5, "with their ids");
	ok(!avcc_add(avcc, headers, sizeof headers), "not twice");
	ok(!avcc_add(&twice, headers, 15), "not without a picture set");
	size = avcc_write(avcc, written);
	is_int((long long) size, (long long) avcc_size(avcc), "the record has its size");
	is_int(written[3], 32, "and the greater level");
	ok(avcc_parse(written, size, &again) && again.sps_count == 2 &&
		   again.pps_count == 2 && again.rest_size == 4 &&
		   memcmp(again.rest, avcc->rest, 4) == 0,
	   "it is read again");
	is_int(avcc_free_id(&again), 1, "an id between is free");
}

static void
test_look(const Avcc *avcc)
{
	static const uint8_t idr[] = {0, 0, 0, 2, 9, 0x10, 0, 0, 0, 3, 0x65, 1, 2};
	static const uint8_t slice[] = {0, 0, 0, 3, 0x41, 1, 2};
	static const uint8_t same[] = {0, 0, 0, 6, PPS0, 0, 0, 0, 2, 0x65, 1};
	static const uint8_t other[] = {0, 0, 0, 3, 0x68, 0xeb, 0xe3, 0, 0, 0, 2, 0x65, 1};

	ok(avcc_look(avcc, idr, sizeof idr).is_idr, "a packet that needs none before it");
	ok(!avcc_look(avcc, idr, sizeof idr - 1).whole, "one that was cut off");
	ok(!avcc_look(avcc, slice, sizeof slice).is_idr, "one that needs others");
	ok(!avcc_look(avcc, same, sizeof same).other_sets, "a set that is in the record");
	ok(avcc_look(avcc, other, sizeof other).other_sets, "a set that is not");
	ok(!avcc_look(avcc, idr, 0).whole, "nothing is no packet");
}

static void
test_annexb(void)
{
	static const uint8_t stream[] = {0, 0,    0, 1, 9, 0x10, 0,    0, 1, 6, 1,
									 2, 0x80, 0, 0, 0, 1,    SPS5, 0, 0, 1, 0x65,
									 7, 8,    9, 0, 0, 1,    0x41, 5, 6, 0, 0};
	static const uint8_t wanted[] = {0, 0, 0, 4, 0x65, 7, 8, 9, 0, 0, 0, 3, 0x41, 5, 6};
	uint8_t out[AVCC_ROOM(sizeof stream)];
	uint8_t large[400] = {0, 0, 1, 0x65};
	uint8_t small[AVCC_ROOM(sizeof large)];

	is_int((long long) avcc_from_annexb(stream, sizeof stream, 4, out),
		   (long long) sizeof wanted, "slices behind lengths");
	ok(memcmp(out, wanted, sizeof wanted) == 0, "nothing else is left");
	is_int((long long) avcc_from_annexb(stream, sizeof stream, 1, out), 9,
		   "behind lengths of a byte");
	is_int((long long) avcc_from_annexb(stream, 8, 4, out), 0, "a packet without slices");
	memset(large + 4, 0xff, sizeof large - 4);
	is_int((long long) avcc_from_annexb(large, sizeof large, 1, small), 0,
		   "a slice too long for its length");
	is_int((long long) avcc_from_annexb(large, sizeof large, 2, small), 399,
		   "but not for a longer one");
}

int
main(void)
{
	Avcc avcc;

	test_parse(&avcc);
	test_look(&avcc);
	test_add(&avcc);
	test_annexb();
	return done_testing();
}
