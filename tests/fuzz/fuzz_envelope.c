/* sources: base/error.c base/utf8.c media/envelope.c media/bytes.c */
/* libs: -lm */
/*
 * tests/fuzz/fuzz_envelope.c
 *	  Whatever is called an envelope: it is refused with a code, or it holds what its header
 *	  counts, and is written as it was read.
 */
#include "media/envelope.h"

#include <sys/mman.h>
#include <unistd.h>

#define FUZZ_BINARY
#define FUZZ_USUAL 12000
#include "driver.h"

#define EMPTY "LENV\1\0\0\0\12\0\0\0\0\0\0\0"
#define THREE "LENV\1\0\0\0\12\0\0\0\3\0\0\0\50\40\377\377\376\376"
#define LYING "LENV\1\0\0\0\12\0\0\0\377\377\377\0\50\40"
#define OTHER "LENV\2\0\0\0\24\0\0\0\0\0\0\0"

#define SAMPLE(text) (sizeof(text) - 1)

const char *const fuzz_samples[] = {EMPTY, THREE, LYING, OTHER, NULL};
const size_t fuzz_sizes[] = {SAMPLE(EMPTY), SAMPLE(THREE), SAMPLE(LYING), SAMPLE(OTHER)};

static int input = -1;
static int output = -1;

static void
fill(int fd, const uint8_t *data, size_t size)
{
	if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t) size)
		abort();
}

static void
check_levels(const Envelope *envelope)
{
	for (size_t i = 0; i < envelope->count; i++)
	{
		double level = envelope_decibel(envelope->hops[i].rms);

		fuzz_check(level <= 0.0 && level >= -127.5, "a level lies within the scale");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Envelope envelope = {0};
	Error err = {0};
	uint8_t written[FUZZ_MOST];

	if (size > FUZZ_MOST)
		return 0;
	if (input < 0)
	{
		input = memfd_create("input", 0);
		output = memfd_create("output", 0);
	}
	fill(input, data, size);
	if (!envelope_read(&envelope, input, &err))
	{
		fuzz_check(err.class == ERROR_INPUT && strcmp(err.code, "bad_envelope") == 0,
				   "an envelope is refused by its code");
		envelope_free(&envelope);
		return 0;
	}
	fuzz_check(ENVELOPE_HEADER_SIZE + 2 * envelope.count <= size,
			   "an envelope holds what it counts");
	check_levels(&envelope);
	fuzz_check(envelope_write(&envelope, output, &err), "an envelope is written");
	size = ENVELOPE_HEADER_SIZE + 2 * envelope.count;
	fuzz_check(pread(output, written, size, 0) == (ssize_t) size &&
				   memcmp(written, data, size) == 0,
			   "what is written is what was read");
	fuzz_check(envelope_append(&envelope, (EnvelopeHop){1, 2}) &&
				   envelope.hops[envelope.count - 1].peak == 2,
			   "an envelope that was read can grow");
	envelope_free(&envelope);
	return 0;
}
