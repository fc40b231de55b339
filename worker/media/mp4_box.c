/*
 * media/mp4_box.c
 *	  The boxes of MP4 in memory.
 */
#include "media/mp4_box.h"

bool
mp4_box_next(Mp4Bytes *run, Mp4Box *box)
{
	size_t head = 8;
	uint64_t size;

	if (run->size < head)
		return false;
	size = mp4_number(*run, 0, 4);
	if (size == 1)
	{
		head = 16;
		size = mp4_number(*run, 8, 8);
	}
	if (size < head || size > run->size)
		return false;
	memcpy(box->name, run->at + 4, 4);
	box->name[4] = '\0';
	box->all = (Mp4Bytes){run->at, (size_t) size};
	box->body = (Mp4Bytes){run->at + head, (size_t) size - head};
	run->at += size;
	run->size -= (size_t) size;
	return true;
}

bool
mp4_box_find(Mp4Bytes run, const char *name, Mp4Box *box)
{
	while (mp4_box_next(&run, box))
		if (mp4_box_is(box, name))
			return true;
	return false;
}

bool
mp4_box_path(Mp4Bytes run, const char *path, Mp4Box *box)
{
	for (; mp4_box_find(run, path, box); path += 5)
	{
		if (path[4] == '\0')
			return true;
		run = box->body;
	}
	return false;
}

void
mp4_set(uint8_t *at, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t) (value >> (8 * (size - 1 - i)));
}

void
mp4_put(Buffer *to, uint64_t value, size_t size)
{
	uint8_t bytes[8];

	mp4_set(bytes, value, size);
	buffer_append(to, bytes, size);
}

void
mp4_put_bytes(Buffer *to, Mp4Bytes bytes)
{
	buffer_append(to, bytes.at, bytes.size);
}

size_t
mp4_begin(Buffer *to, const char *name)
{
	size_t at = to->length;

	mp4_put(to, 0, 4);
	buffer_append(to, name, 4);
	return at;
}

size_t
mp4_begin_full(Buffer *to, const char *name, uint8_t version, uint32_t flags)
{
	size_t at = mp4_begin(to, name);

	mp4_put(to, (uint32_t) version << 24 | flags, 4);
	return at;
}

void
mp4_end(Buffer *to, size_t at)
{
	mp4_set((uint8_t *) to->data + at, to->length - at, 4);
}
