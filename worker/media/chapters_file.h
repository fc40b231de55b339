/*
 * media/chapters_file.h
 *	  An MP4 file by its outermost boxes.
 */
#ifndef LEAP_MEDIA_CHAPTERS_FILE_H
#define LEAP_MEDIA_CHAPTERS_FILE_H

#include "base/error.h"
#include "media/mp4_chapters.h"

typedef struct ChaptersFile
{
	int fd;
	int64_t size;
	Buffer type;      /* a whole ftyp box; empty in old files */
	Buffer index;     /* a whole moov box */
	Mp4Piece *pieces; /* all that has to be copied, ascending */
	size_t piece_count;
	size_t capacity;
} ChaptersFile;

/* Reads the outermost boxes of a file; chapters_file_close releases what was read, also after
 * a failure. Errors: "not_mp4", "bad_index" (both input), those of reading. */
bool chapters_file_open(ChaptersFile *file, int fd, Error *err);
void chapters_file_close(ChaptersFile *file);

/* Fills *err: class input, code "bad_index"; false. */
bool chapters_bad_index(Error *err);

#endif
