/*
 * media/mp4_chapters.h
 *	  Chapters in the index of an MP4: a track of texts that others point to, as QuickTime and
 *	  Apple's players read it, and a list of titles, as many others do.
 *
 * Everything else of the index stays as it is, but for the places of the media, which moves
 * when the index grows. Chapters that were there before are replaced.
 */
#ifndef LEAP_MEDIA_MP4_CHAPTERS_H
#define LEAP_MEDIA_MP4_CHAPTERS_H

#include "media/mp4_box.h"

/* A chapter lasts until the next one begins, the last one to the end of the movie. */
typedef struct Mp4Chapter
{
	const char *title; /* UTF-8; what is not, and line ends, are replaced */
	int64_t start;     /* ms; 0 or more, ascending */
} Mp4Chapter;

typedef enum Mp4Chaptering
{
	MP4_CHAPTERS_MADE,
	MP4_CHAPTERS_IN_FRAGMENTS, /* the movie is in fragments */
	MP4_CHAPTERS_BROKEN /* the index is none, or names places in ways we do not move */
} Mp4Chaptering;

typedef struct Mp4Chaptered
{
	Buffer index;   /* a whole moov box */
	Buffer texts;   /* a whole mdat box; empty without chapters */
	size_t count;   /* of the chapters within the movie */
	size_t text_at; /* in the index: the place of the texts, 8 bytes; 0: none */
} Mp4Chaptered;

/*
 * Writes the index anew; places that the media had have 64 bits then if `far` is set, which
 * must be where one of them may become 4 GiB or more.
 */
Mp4Chaptering mp4_chapters_write(Mp4Bytes moov, const Mp4Chapter *chapters, size_t count,
								 bool far, Mp4Chaptered *to);
void mp4_chaptered_free(Mp4Chaptered *chaptered);

/* A part of a file that moves. */
typedef struct Mp4Piece
{
	int64_t from;
	int64_t size;
	int64_t to;
} Mp4Piece;

/* Sets the places of an index that was written: those of the media by the pieces, and that of
 * the texts. false where one lies in no piece. */
bool mp4_chapters_place(Mp4Chaptered *chaptered, const Mp4Piece *pieces, size_t count,
						int64_t texts_at);

#endif
