/* sources: base/error.c base/utf8.c media/envelope.c media/bytes.c */
/* libs: -lm */
/*
 * tests/unit/test_media_envelope.c
 *	  Levels, the growing envelope and its file form, whole and broken.
 */
#include "media/envelope.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "media/bytes.h"
#include "tap.h"

static void
test_levels(void)
{
	is_int(envelope_level(1.0), 0, "full scale is 0");
	is_int(envelope_level(4.0), 0, "louder than full scale is clamped to 0");
	is_int(envelope_level(0.5), 6, "a full-scale sine (-3 dBFS) is 6");
	is_int(envelope_level(1e-4), 80, "-40 dBFS is 80");
	is_int(envelope_level(0.0), ENVELOPE_SILENT, "digital silence is 254");
	is_int(envelope_level(1e-30), ENVELOPE_SILENT, "below -127 dBFS is 254");
	is_int(envelope_level(0.0 / 0.0), ENVELOPE_SILENT, "not-a-number is 254");
	ok(envelope_decibel(80) == -40.0, "80 reads back as -40 dBFS");
}

static void
test_file(void)
{
	Envelope written = {0};
	Envelope read = {0};
	Error err = {0};
	uint8_t header[ENVELOPE_HEADER_SIZE];
	int fd = memfd_create("envelope", 0);

	for (int i = 0; i < 70000; i++)
		envelope_append(&written, (EnvelopeHop){(uint8_t) i, (uint8_t) (i / 256)});
	ok(envelope_write(&written, fd, &err), "an envelope is written");
	is_int(lseek(fd, 0, SEEK_END), 16 + 2 * 70000, "16 bytes and two for each hop");
	ok(envelope_read(&read, fd, &err), "and read");
	is_int((long long) read.count, 70000, "with its count");
	ok(memcmp(read.hops, written.hops, 2 * 70000) == 0, "and its hops");
	envelope_free(&read);

	ok(ftruncate(fd, 100000) == 0 && !envelope_read(&read, fd, &err),
	   "a shorter file is refused");
	is_str(err.code, "bad_envelope", "as a bad envelope");
	put_le32(header, 0xffffffff);
	ok(write_at(fd, header, 4, 12) && !envelope_read(&read, fd, &err),
	   "a lying count is refused");
	ok(write_at(fd, "XENV", 4, 0) && !envelope_read(&read, fd, &err),
	   "another magic is refused");
	close(fd);
	envelope_free(&written);
}

int
main(void)
{
	test_levels();
	test_file();
	return done_testing();
}
