/* sources: base/error.c base/utf8.c media/wave.c media/envelope.c media/bytes.c */
/* libs: -lm */
/*
 * tests/unit/test_media_wave.c
 *	  The file of peaks for drawing: header, levels, its last pixel, and what is missing.
 */
#include "media/wave.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "media/bytes.h"
#include "tap.h"

static void
fill(Envelope *envelope, int hops, uint8_t peak)
{
	for (int i = 0; i < hops; i++)
		envelope_append(envelope, (EnvelopeHop){peak, peak});
}

static int
pixel(int fd, int number, int *low)
{
	int8_t pair[2] = {0};

	if (read_at(fd, pair, 2, WAVE_HEADER_SIZE + 2 * number) != 2)
		return -1000;
	*low = pair[0];
	return pair[1];
}

static void
test_pixels(void)
{
	Envelope envelope = {0};
	Error err = {0};
	uint8_t header[WAVE_HEADER_SIZE];
	int fd = memfd_create("wave", 0);
	int low = 0;

	fill(&envelope, 10, 0);                /* full scale */
	fill(&envelope, 9, ENVELOPE_SILENT);   /* silence, and one peak in it */
	fill(&envelope, 1, 12);                /* of -6 dBFS */
	fill(&envelope, 10, ENVELOPE_MISSING); /* no sound there */
	fill(&envelope, 1, 40);                /* -20 dBFS: the rest of a pixel */
	ok(wave_write(&envelope, fd, &err), "the peaks are written");
	is_int(lseek(fd, 0, SEEK_END), WAVE_HEADER_SIZE + 2 * 4, "two bytes a pixel");
	ok(read_at(fd, header, sizeof header, 0) == sizeof header, "behind a header");
	is_int(get_le32(header), 2, "of version 2");
	is_int(get_le32(header + 4), 1, "with 8 bits");
	is_int(get_le32(header + 8), 16000, "at 16000 samples a second");
	is_int(get_le32(header + 12), 1600, "of which 1600 make a pixel");
	is_int(get_le32(header + 16), 4, "four pixels");
	is_int(get_le32(header + 20), 1, "of one channel");
	is_int(pixel(fd, 0, &low), 127, "full scale");
	is_int(low, -127, "is as deep as it is high");
	is_int(pixel(fd, 1, &low), 64, "the loudest hop counts");
	is_int(pixel(fd, 2, &low), 0, "what is missing is silent");
	is_int(pixel(fd, 3, &low), 13, "the last pixel may be short");
	envelope_free(&envelope);
	close(fd);
}

static void
test_long(void)
{
	Envelope envelope = {0};
	Error err = {0};
	int fd = memfd_create("wave", 0);
	int low = 0;

	fill(&envelope, 100000, ENVELOPE_SILENT);
	fill(&envelope, 10, 0);
	ok(wave_write(&envelope, fd, &err), "a quarter of an hour");
	is_int(lseek(fd, 0, SEEK_END), WAVE_HEADER_SIZE + 2 * 10001, "is whole");
	is_int(pixel(fd, 9999, &low), 0, "up to the last but one");
	is_int(pixel(fd, 10000, &low), 127, "and the last");
	envelope_free(&envelope);
	close(fd);
}

static void
test_ends(void)
{
	Envelope none = {0};
	Error err = {0};
	int fd = memfd_create("wave", 0);
	int full = open("/dev/full", O_WRONLY);

	ok(wave_write(&none, fd, &err), "a recording without sound has peaks");
	is_int(lseek(fd, 0, SEEK_END), WAVE_HEADER_SIZE, "but no pixels");
	ok(full >= 0 && !wave_write(&none, full, &err), "a full disk is noticed");
	is_str(err.code, "storage_full", "and told");
	close(full);
	close(fd);
}

int
main(void)
{
	test_pixels();
	test_long();
	test_ends();
	return done_testing();
}
