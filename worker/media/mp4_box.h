/*
 * media/mp4_box.h
 *	  The boxes of MP4 in memory: a length, a name of four letters, and what they hold.
 */
#ifndef LEAP_MEDIA_MP4_BOX_H
#define LEAP_MEDIA_MP4_BOX_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"
#include "media/bytes.h"

/* A box, or a run of boxes: bytes of somebody else. */
typedef struct Mp4Bytes
{
	const uint8_t *at;
	size_t size;
} Mp4Bytes;

typedef struct Mp4Box
{
	char name[5];
	Mp4Bytes all;  /* with its head */
	Mp4Bytes body; /* behind it */
} Mp4Box;

/*
 * Takes the next box off a run; false at its end, and where what follows is no box that lies
 * within it (run->size is then not 0). One without a length, which the last box of a file may
 * be, is none here.
 */
bool mp4_box_next(Mp4Bytes *run, Mp4Box *box);

/* The first box of a name within a run; false where there is none. */
bool mp4_box_find(Mp4Bytes run, const char *name, Mp4Box *box);

/* The same along a path of names with blanks between them: each within the one before. */
bool mp4_box_path(Mp4Bytes run, const char *path, Mp4Box *box);

static inline bool
mp4_box_is(const Mp4Box *box, const char *name)
{
	return memcmp(box->name, name, 4) == 0;
}

/* The big-endian number of 1..8 bytes at an offset; 0 where they are not there. */
static inline uint64_t
mp4_number(Mp4Bytes bytes, size_t at, size_t size)
{
	return at <= bytes.size && size <= bytes.size - at ? get_be(bytes.at + at, size) : 0;
}

/* Writing: numbers, and boxes whose length is set when they end. */
void mp4_put(Buffer *to, uint64_t value, size_t size);
void mp4_put_bytes(Buffer *to, Mp4Bytes bytes);
size_t mp4_begin(Buffer *to, const char *name);

/* The same for a box with a version and flags. */
size_t mp4_begin_full(Buffer *to, const char *name, uint8_t version, uint32_t flags);
void mp4_end(Buffer *to, size_t at);

/* Sets a number that is already there. */
void mp4_set(uint8_t *at, uint64_t value, size_t size);

#endif
