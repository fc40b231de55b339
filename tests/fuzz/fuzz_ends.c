/* sources: media/ends.c */
/* libs: -lm */
/*
 * tests/fuzz/fuzz_ends.c
 *	  Any file whose end is looked at: nothing is read before its beginning, and what is
 *	  missing is no more than one of its parts can be long.
 */
#include "media/ends.h"

#define FUZZ_BINARY
#include "driver.h"

#define RIFF \
	"RIFF\50\0\0\0WAVEfmt \20\0\0\0\1\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0data\4\0\0\0abcd"
#define PARTS "RIFF\5\0\0\0AVI x\0RIFF\10\0\0\0AVIXabcd"
#define PIPED "RIFF\377\377\377\377WAVE"
#define OGG                                                                              \
	"OggS\0\2\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1\4abcdOggS\0\4\0\0\0\0\0\0\0\0\1" \
	"\0\0\0\1\0\0\0\0\0"                                                                 \
	"\0\0\2\3\1abcd"
#define A17    "aaaaaaaaaaaaaaaaa"
#define PACKET "G" A17 A17 A17 A17 A17 A17 A17 A17 A17 A17 A17
#define STREAM PACKET PACKET PACKET PACKET PACKET PACKET "\107bb"

#define SAMPLE(text) (sizeof(text) - 1)

_Static_assert(SAMPLE(PACKET) == 188, "a packet of a transport stream has 188 bytes");

const char *const fuzz_samples[] = {RIFF, PARTS, PIPED, OGG, STREAM, NULL};
const size_t fuzz_sizes[] = {SAMPLE(RIFF), SAMPLE(PARTS), SAMPLE(PIPED), SAMPLE(OGG),
							 SAMPLE(STREAM)};

typedef struct File
{
	const uint8_t *bytes;
	size_t size;
} File;

static ssize_t
read_file(void *arg, void *bytes, size_t length, int64_t offset)
{
	const File *file = arg;

	fuzz_check(offset >= 0, "nothing is read before the beginning");
	if (offset >= (int64_t) file->size)
		return 0;
	if (length > file->size - (size_t) offset)
		length = file->size - (size_t) offset;
	memcpy(bytes, file->bytes + offset, length);
	return (ssize_t) length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	File file = {data, size};
	int64_t missing = ends_missing(read_file, &file, (int64_t) size);
	int64_t most = 204;

	if (size >= 4 && memcmp(data, "RIFF", 4) == 0)
		most = (int64_t) UINT32_MAX + 8;
	if (size >= 4 && memcmp(data, "OggS", 4) == 0)
		most = 27 + 255 + 255 * 255;
	fuzz_check(missing >= 0 && missing <= most,
			   "no more is missing than one part is long");
	return 0;
}
