/*
 * media/chapters_file.c
 *	  An MP4 file by its outermost boxes.
 */
#include "media/chapters_file.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "media/bytes.h"

/* Ten hours have an index of 20 MB. */
#define MOST_OF_INDEX ((int64_t) 128 << 20)
#define MOST_OF_TYPE  ((int64_t) 4096)
#define MOST_BOXES    4096

typedef struct OuterBox
{
	char name[5];
	int64_t at;
	int64_t size;
} OuterBox;

bool
chapters_bad_index(Error *err)
{
	return error_set(err, ERROR_INPUT, "bad_index",
					 "`leap media trim` writes the recording anew.",
					 "the index of the recording is damaged");
}

/* Reads the head of a box; false where there is none that lies within the file. */
static bool
read_box(const ChaptersFile *file, int64_t at, OuterBox *box)
{
	uint8_t head[16] = {0};
	int64_t least = 8;

	if (read_at(file->fd, head, sizeof head, at) < 8)
		return false;
	memcpy(box->name, head + 4, 4);
	box->at = at;
	box->size = (int64_t) get_be(head, 4);
	if (box->size == 0)
		box->size = file->size - at;
	else if (box->size == 1)
	{
		least = 16;
		box->size = (int64_t) get_be(head + 8, 8);
	}
	return box->size >= least && box->size <= file->size - at;
}

/* Keeps a box in memory, or says false where it is too large or there already. */
static bool
keep(const ChaptersFile *file, const OuterBox *box, int64_t most, Buffer *to)
{
	CLEANUP(free) uint8_t *bytes = NULL;

	if (box->size > most || to->length > 0)
		return false;
	bytes = array_new((size_t) box->size, 1);
	if (read_at(file->fd, bytes, (size_t) box->size, box->at) != box->size)
		return false;
	buffer_append(to, bytes, (size_t) box->size);
	return true;
}

/* Is it one of these names, with blanks between them? */
static bool
is_named(const OuterBox *box, const char *names)
{
	for (; memcmp(names, box->name, 4) != 0; names += 5)
		if (names[4] == '\0')
			return false;
	return true;
}

/* Boxes in a row are one piece. What was free before the media is room for the front. */
static void
add_piece(ChaptersFile *file, const OuterBox *box)
{
	Mp4Piece *last = file->piece_count > 0 ? &file->pieces[file->piece_count - 1] : NULL;

	if (last == NULL && is_named(box, "free skip wide"))
		return;
	if (last != NULL && last->from + last->size == box->at)
	{
		last->size += box->size;
		return;
	}
	file->pieces = array_room(file->pieces, &file->capacity, file->piece_count + 1,
							  sizeof *file->pieces);
	file->pieces[file->piece_count++] = (Mp4Piece){box->at, box->size, 0};
}

static bool
take_box(ChaptersFile *file, const OuterBox *box)
{
	if (is_named(box, "ftyp"))
		return keep(file, box, MOST_OF_TYPE, &file->type);
	if (is_named(box, "moov"))
		return keep(file, box, MOST_OF_INDEX, &file->index);
	add_piece(file, box);
	return true;
}

bool
chapters_file_open(ChaptersFile *file, int fd, Error *err)
{
	struct stat info;
	OuterBox box;
	int64_t at = 0;

	*file = (ChaptersFile){.fd = fd};
	buffer_init(&file->type);
	buffer_init(&file->index);
	if (fstat(fd, &info) != 0)
		return error_errno(err, "read_failed", "cannot look at the recording");
	file->size = info.st_size;
	if (!read_box(file, 0, &box) || !is_named(&box, "ftyp moov mdat free skip wide"))
		return error_set(err, ERROR_INPUT, "not_mp4",
						 "Publish the chapters as text beside the recording.",
						 "only an MP4 can hold chapters");
	for (int boxes = 0; at < file->size; boxes++, at += box.size)
		if (boxes == MOST_BOXES || !read_box(file, at, &box) || !take_box(file, &box))
			return chapters_bad_index(err);
	return file->index.length > 0 || chapters_bad_index(err);
}

void
chapters_file_close(ChaptersFile *file)
{
	buffer_free(&file->type);
	buffer_free(&file->index);
	free(file->pieces);
	file->pieces = NULL;
}
