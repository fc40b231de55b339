/* sources: media/structure.c */
/*
 * tests/fuzz/fuzz_structure.c
 *	  Any file whose outer parts are walked: reading ends, nothing is read before its
 *	  beginning, and what is told lies within the file. A file that is complete misses its end
 *	  when it is cut off, never more than it had; a read that fails is told.
 *
 * The first byte says where the file is cut off, and which read fails.
 */
#include "media/structure.h"

#define FUZZ_BINARY
#include "driver.h"

#define FTYP  "\0\0\0\20ftypisom\0\0\0\0"
#define MOOV  "\0\0\0\14moov1234"
#define MDAT  "\0\0\0\14mdat5678"
#define MOOF  "\0\0\0\14moof1234"
#define LONG  "\0\0\0\1mdat\0\0\0\0\0\0\0\24abcd"
#define REST  "\0\0\0\0mdatto the end"
#define HUGE_ "\0\0\0\1mdat\177\377\377\377\377\377\377\377"
#define EBML  "\x1a\x45\xdf\xa3\x82\1\2"

#define FRONT      "\55" FTYP MOOV MDAT
#define END        "\11" FTYP MDAT MOOV
#define FRAGMENTED "\101" FTYP MOOV MOOF MDAT MOOF MDAT "\0\0\0\10mfra"
#define NO_INDEX   "\3" FTYP MOOF MDAT MOOV LONG
#define TO_END     "\200" FTYP MOOV LONG REST
#define TOO_LONG   "\7" MOOV HUGE_
#define GARBAGE    "\6" FTYP MOOV "\0\0\0\20\1\2\3\4garbage!" MDAT
#define MATROSKA   "\23" EBML "\x18\x53\x80\x67\x85\1\2\3\4\5"
#define LIVE       "\1" EBML "\x18\x53\x80\x67\1\377\377\377\377\377\377\377\11"
#define VOID       "\2" EBML "\xec\x81\1\x18\x53\x80\x67\x10\0\0\5abcde"
#define TEXT       "\0#EXTM3U\n/etc/passwd\n"
#define UTF16      "\0\377\376<\0h\0"
#define UTF16_BE   "\0\376\377\0<\0h"
#define ZEROS      "\0\0\0\0\0\0\0\0\0\0"
#define TAG        "\0ID3\4\0\0\0\0"

#define SAMPLE(text) (sizeof(text) - 1)

const char *const fuzz_samples[] = {
	FRONT, END,  FRAGMENTED, NO_INDEX, TO_END,   TOO_LONG, GARBAGE, MATROSKA,
	LIVE,  VOID, TEXT,       UTF16,    UTF16_BE, ZEROS,    TAG,     NULL};
const size_t fuzz_sizes[] = {SAMPLE(FRONT),    SAMPLE(END),      SAMPLE(FRAGMENTED),
							 SAMPLE(NO_INDEX), SAMPLE(TO_END),   SAMPLE(TOO_LONG),
							 SAMPLE(GARBAGE),  SAMPLE(MATROSKA), SAMPLE(LIVE),
							 SAMPLE(VOID),     SAMPLE(TEXT),     SAMPLE(UTF16),
							 SAMPLE(UTF16_BE), SAMPLE(ZEROS),    SAMPLE(TAG)};

typedef struct File
{
	const uint8_t *bytes;
	size_t size;
	size_t reads;
	size_t failing; /* this read fails; 0 = none */
} File;

static ssize_t
read_file(void *arg, void *bytes, size_t length, int64_t offset)
{
	File *file = arg;

	fuzz_check(offset >= 0 && offset <= (int64_t) file->size,
			   "nothing is read outside of the file");
	fuzz_check(++file->reads <= file->size + 20, "reading ends");
	if (file->reads == file->failing)
		return -1;
	if (length > file->size - (size_t) offset)
		length = file->size - (size_t) offset;
	memcpy(bytes, file->bytes + offset, length);
	return (ssize_t) length;
}

/* What is found in the first `size` bytes. */
static Structure
walk(const uint8_t *bytes, size_t size)
{
	File file = {.bytes = bytes, .size = size};
	Structure found;

	fuzz_check(structure_inspect(read_file, &file, (int64_t) size, &found),
			   "what can be read is judged");
	fuzz_check(found.walked < 0 || found.walked <= found.size, "the walk stays inside");
	fuzz_check(found.kind == FILE_MP4 || found.walked < 0, "only boxes are walked later");
	fuzz_check(!found.fragmented || found.has_index || found.missing > 0 ||
				   found.has_garbage || found.walked < 0 || found.walked >= found.size,
			   "it stops early only behind an index");
	fuzz_check(structure_complete(read_file, &file, &found), "and to its end");
	fuzz_check(found.walked == -1, "the walk is complete");
	fuzz_check(found.missing >= 0, "what is missing is a number of bytes");
	fuzz_check(!found.has_garbage || (found.garbage >= 0 && found.garbage < found.size),
			   "garbage lies inside");
	return found;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t part = size > 0 ? data[0] : 0;
	Structure whole;
	Structure cut;
	File failing;

	if (size == 0)
		return 0;
	data++;
	size--;
	whole = walk(data, size);
	if (part > size)
		part = size;
	cut = walk(data, part);
	if (whole.kind == FILE_MP4 && cut.kind == FILE_MP4 && !whole.has_garbage &&
		whole.missing == 0)
	{
		fuzz_check(!cut.has_garbage, "a part of honest boxes is no garbage");
		fuzz_check((int64_t) part + cut.missing <= (int64_t) size + 7,
				   "no more is missing than there was");
		fuzz_check(whole.has_index || !cut.has_index, "an index does not go");
	}
	failing = (File){.bytes = data, .size = size, .failing = 1 + part % 8};
	if (structure_inspect(read_file, &failing, (int64_t) size, &cut) &&
		structure_complete(read_file, &failing, &cut))
		fuzz_check(failing.reads < failing.failing, "a read that fails is told");
	(void) structure_complaint(whole.kind);
	return 0;
}
