/*
 * media/mp4_texts.h
 *	  The titles of chapters as MP4 has them: samples of a track, and a list.
 */
#ifndef LEAP_MEDIA_MP4_TEXTS_H
#define LEAP_MEDIA_MP4_TEXTS_H

#include "media/mp4_chapters.h"

/* A title and its time, in ms. */
typedef struct Mp4Text
{
	Buffer title;
	uint64_t start;
	uint64_t length;
} Mp4Text;

typedef struct Mp4Texts
{
	uint64_t scale; /* of the movie, given, as is its duration */
	uint64_t duration;
	Mp4Text *items;
	size_t count;
	size_t place; /* where in the index the place of the texts was written */
} Mp4Texts;

/* Takes the chapters that begin within the movie; before the first one a text without words
 * stands. */
void mp4_texts_open(Mp4Texts *texts, const Mp4Chapter *chapters, size_t count);
void mp4_texts_close(Mp4Texts *texts);

/* Appends the media, a whole mdat box: the samples one behind the other. */
void mp4_texts_media(const Mp4Texts *texts, Buffer *to);

/* Appends the track of the texts, a whole trak box, whose samples are in one chunk. */
void mp4_texts_track(Mp4Texts *texts, uint32_t id, Buffer *to);

/* Appends the list of the first 255 titles, a whole chpl box. */
void mp4_texts_list(const Mp4Texts *texts, Buffer *to);

#endif
