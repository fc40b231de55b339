/* sources: media/avcc.c */
/*
 * tests/fuzz/fuzz_avcc.c
 *	  Whatever bytes a recording gives as its record of parameter sets: it is refused, or it is
 *	  written as it is read, and takes sets of an encoder beside its own. Packets of any bytes
 *	  are looked at and turned without a byte too many.
 *
 * The first byte says how long the record is in words of four bytes; sets with start codes and
 * a packet follow.
 */
#include "media/avcc.h"

#include "driver.h"

#define RECORD                                                                         \
	"\x0d\x01\x64\x02\x1f\xff\xe1\x02\x1a\x67\x64\x02\x1f\xac\xd9\x40\x50\x05\xbb\x01" \
	"\x10\x01\x01\x03\x01\x10\x01\x01\x03\x03\x20\xf1\x83\x19\x60\x01\x02\x06\x68\xeb" \
	"\xe3\xcb\x22\xc0\xfd\xf8\xf8\x02"

/* Samples are texts: \2 stands for the zero byte. */
const char *const fuzz_samples[] = {
	RECORD "\x02\x02\x01\x67\x64\x02\x20\x35\x9b\x28\x0a\x02\xb7\x60\x02\x02\x01\x68\x31"
		   "\xb8\xf2",
	RECORD "\x02\x02\x02\x03\x65\x88\x84\x02\x02\x02\x02\x41\x9a",
	"\x0d\x01\x42\xc0\x1e\xfd\xe2\x02\x09\x67\x42\xc0\x1e\xd9\x02\xa0\x2f\xf9\x02\x09\x67"
	"\x42\xc0\x1e\xb4\x02\xa0\x2f\xf9\x01\x02\x04\x68\xcb\x83\xcb",
	"\x01\x02\x02\x01\x65\x01\x02\x02\x02\x01\x41\x03\x02\x02\x01\x09\x10", NULL};

static void
check_written(const Avcc *avcc)
{
	uint8_t *bytes = malloc(avcc_size(avcc));
	Avcc again;

	if (bytes == NULL)
		abort();
	fuzz_check(avcc_write(avcc, bytes) == avcc_size(avcc), "a record has its size");
	fuzz_check(avcc_parse(bytes, avcc_size(avcc), &again), "a record is read again");
	fuzz_check(again.sps_count == avcc->sps_count && again.pps_count == avcc->pps_count &&
				   again.rest_size == avcc->rest_size &&
				   again.length_size == avcc->length_size,
			   "with the same sets");
	for (size_t i = 0; i < again.sps_count; i++)
		fuzz_check(
			again.sps[i].size == avcc->sps[i].size &&
				memcmp(again.sps[i].bytes, avcc->sps[i].bytes, again.sps[i].size) == 0,
			"a set stays what it is");
	free(bytes);
}

static void
check_annexb(const uint8_t *data, size_t size)
{
	static const int sizes[] = {1, 2, 4};

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
	{
		uint8_t *out = malloc(AVCC_ROOM(size));
		Avcc avcc = {.length_size = sizes[i]};
		size_t written;

		if (out == NULL)
			abort();
		written = avcc_from_annexb(data, size, sizes[i], out);
		fuzz_check(written == 0 || avcc_look(&avcc, out, written).whole,
				   "slices are behind their lengths");
		free(out);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);
	size_t record = size > 0 ? 4 * (size_t) data[0] : 0;
	Avcc avcc;

	if (copy == NULL)
		abort();
	for (size_t i = 1; i < size; i++)
		copy[i - 1] = data[i] == 2 ? 0 : data[i];
	size = size > 0 ? size - 1 : 0;
	record = record > size ? size : record;
	if (avcc_parse(copy, record, &avcc))
	{
		AvccFormat format;
		int id = avcc_free_id(&avcc);

		fuzz_check(id >= -1 && id < AVCC_IDS, "an id is one");
		check_written(&avcc);
		for (size_t i = 0; i < avcc.sps_count; i++)
			(void) avcc_format(&avcc.sps[i], &format);
		(void) avcc_look(&avcc, copy + record, size - record);
		if (avcc_add(&avcc, copy + record, size - record))
			check_written(&avcc);
	}
	check_annexb(copy + record, size - record);
	free(copy);
	return 0;
}
