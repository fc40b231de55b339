/*
 * media/output_index.c
 *	  The index of an MP4 file moves into the room that was left for it in front.
 */
#include "media/output_index.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/bytes.h"

#define BLOCK (256 * 1024)

/* What lies where in the file that libav wrote. */
typedef struct OutputBoxes
{
	int64_t type_size;   /* of the first box, which lies behind the room */
	int64_t index_start; /* the index, the last box */
	int64_t index_size;
} OutputBoxes;

static bool
find_boxes(const MediaOutput *output, OutputBoxes *boxes)
{
	int64_t at = output->room;
	uint8_t head[16];

	*boxes = (OutputBoxes){0};
	while (at < output->size && read_at(output->fd, head, sizeof head, at) >= 8)
	{
		int64_t size = (int64_t) get_be(head, 4);

		if (size == 1)
			size = (int64_t) get_be(head + 8, 8);
		if (size < 8 || size > output->size - at)
			return false;
		if (at == output->room)
			boxes->type_size = size;
		if (memcmp(head + 4, "moov", 4) == 0)
			*boxes = (OutputBoxes){boxes->type_size, at, size};
		at += size;
	}
	return boxes->index_start > 0 && boxes->index_start + boxes->index_size == at;
}

static bool
copy_within(int fd, int64_t from, int64_t to, int64_t size)
{
	CLEANUP(free) uint8_t *block = malloc(BLOCK);

	while (block != NULL && size > 0)
	{
		ssize_t got = read_at(fd, block, (size_t) (size < BLOCK ? size : BLOCK), from);

		if (got <= 0 || !write_at(fd, block, (size_t) got, to))
			return false;
		from += got;
		to += got;
		size -= got;
	}
	return block != NULL;
}

bool
output_index_to_front(MediaOutput *output, Error *err)
{
	OutputBoxes boxes;
	int64_t left;
	uint8_t head[8];

	if (!find_boxes(output, &boxes))
		return error_set(err, ERROR_PERMANENT, "cannot_copy", NULL,
						 "the index of the cut is not where it should be");
	/* the old first box becomes part of the free one */
	left = output->room - boxes.index_size;
	output->index = boxes.index_size;
	if (left < 0 || (left > 0 && left < 8))
		return error_set(err, ERROR_TRANSIENT, OUTPUT_NO_ROOM, NULL,
						 "the index of %lld bytes does not fit into %lld",
						 (long long) boxes.index_size, (long long) output->room);
	memcpy(head, (const uint8_t[]){0, 0, 0, 0, 'f', 'r', 'e', 'e'}, sizeof head);
	for (int i = 0; i < 4; i++)
		head[i] = (uint8_t) (left >> (8 * (3 - i)));
	if (!copy_within(output->fd, output->room, 0, boxes.type_size) ||
		!copy_within(output->fd, boxes.index_start, boxes.type_size, boxes.index_size) ||
		(left > 0 &&
		 !write_at(output->fd, head, sizeof head, boxes.type_size + boxes.index_size)) ||
		ftruncate(output->fd, boxes.index_start) != 0)
		return error_errno(err, "write_failed", "cannot move the index of the cut");
	output->size = boxes.index_start;
	return true;
}
