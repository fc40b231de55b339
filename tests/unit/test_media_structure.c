/* sources: media/structure.c */
/*
 * tests/unit/test_media_structure.c
 *	  Kinds of files and missing ends, from outer boxes in memory.
 */
#include "media/structure.h"

#include <stdlib.h>

#include "tap.h"

typedef struct Memory
{
	const uint8_t *bytes;
	size_t size;
} Memory;

static ssize_t
read_memory(void *arg, void *bytes, size_t length, int64_t offset)
{
	const Memory *memory = arg;
	size_t left = (size_t) offset < memory->size ? memory->size - (size_t) offset : 0;
	size_t part = left < length ? left : length;

	if (part > 0)
		memcpy(bytes, memory->bytes + offset, part);
	return (ssize_t) part;
}

static Structure
inspect(const void *bytes, size_t size)
{
	Memory memory = {bytes, size};
	Structure found;

	structure_inspect(read_memory, &memory, (int64_t) size, &found);
	structure_complete(read_memory, &memory, &found);
	return found;
}

static void
test_kinds(void)
{
	static const uint8_t zeros[3000];
	static const char page[] = "<!DOCTYPE html>\n<html><title>Sign in</title>";

	is_int(inspect("", 0).kind, FILE_EMPTY, "no bytes");
	is_int(inspect(zeros, sizeof zeros).kind, FILE_ZEROS, "zeros");
	is_int(inspect(page, sizeof page - 1).kind, FILE_TEXT, "a page");
	is_int(inspect("#EXTM3U\n/etc/passwd\n", 20).kind, FILE_TEXT, "a playlist");
	is_int(inspect("ID3\4\0\0\0\0", 8).kind, FILE_OTHER, "an MP3 tag");
	ok(structure_complaint(FILE_TEXT) != NULL, "text has a complaint");
	ok(structure_complaint(FILE_MP4) == NULL, "MP4 has none");
}

static void
test_mp4(void)
{
	static const char file[] = "\0\0\0\x10"
							   "ftypisom\0\0\0\0"
							   "\0\0\0\x0c"
							   "moov1234"
							   "\0\0\0\x0c"
							   "mdat5678";
	Structure found = inspect(file, sizeof file - 1);

	is_int(found.kind, FILE_MP4, "an MP4");
	ok(found.has_index && found.missing == 0 && !found.has_garbage, "is complete");
	found = inspect(file, sizeof file - 1 - 3);
	ok(found.has_index && found.missing == 3, "three bytes are missing");
	found = inspect(file, 20);
	ok(!found.has_index && found.missing == 4, "cut within the head of the index");
	found = inspect(file, 16);
	ok(!found.has_index && found.missing == 0, "cut between parts: no index");
}

/* A file that arrives: nothing behind its first fragment is looked at before its time. */
static void
test_fragments(void)
{
	static const char file[] = "\0\0\0\x0c"
							   "moov1234"
							   "\0\0\0\x08"
							   "moof"
							   "\0\0\0\1mdat\0\0\0\0\0\0\0\x14"
							   "1234\0\0\0\x08"
							   "mfra";
	Memory there = {(const uint8_t *) file, 28};
	Memory all = {(const uint8_t *) file, sizeof file - 1};
	Structure found;

	ok(structure_inspect(read_memory, &there, sizeof file - 1, &found) &&
		   found.fragmented && found.has_index && found.missing == 0,
	   "the first fragment says that it is fragmented");
	ok(structure_complete(read_memory, &all, &found) && found.missing == 0 &&
		   !found.has_garbage,
	   "and the rest is complete");
	found = inspect(file, 30);
	ok(!found.has_garbage && found.missing == 6, "cut within a long header");
	found = inspect(file, 40);
	is_int(found.missing, 0, "cut between parts");
	found = inspect(file, 39);
	is_int(found.missing, 1, "a byte before");
}

static void
test_matroska(void)
{
	/* header of 2 bytes, a segment of 5 */
	static const uint8_t file[] = {0x1a, 0x45, 0xdf, 0xa3, 0x82, 1, 2, 0x18, 0x53,
								   0x80, 0x67, 0x85, 1,    2,    3, 4, 5};
	static const uint8_t live[] = {0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67,
								   0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 9};

	is_int(inspect(file, sizeof file).kind, FILE_MATROSKA, "a Matroska file");
	is_int(inspect(file, sizeof file).missing, 0, "is complete");
	is_int(inspect(file, sizeof file - 4).missing, 4, "four bytes are missing");
	is_int(inspect(live, sizeof live).missing, 0, "a live recording names no size");
}

static void
test_random(void)
{
	uint32_t seed = 3;
	int kinds = 0;

	for (int round = 0; round < 20000; round++)
	{
		uint8_t bytes[64];

		for (size_t i = 0; i < sizeof bytes; i++)
		{
			seed = seed * 1664525u + 1013904223u;
			bytes[i] = (uint8_t) (seed >> 24);
		}
		memcpy(bytes + (round % 2 == 0 ? 4 : 0),
			   round % 2 == 0 ? "ftyp" : "\x1a\x45\xdf\xa3", 4);
		kinds += (int) inspect(bytes, (size_t) (round % 65)).kind;
	}
	ok(kinds > 0, "20000 random files are judged");
}

int
main(void)
{
	test_kinds();
	test_mp4();
	test_fragments();
	test_matroska();
	test_random();
	return done_testing();
}
