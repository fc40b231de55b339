/*
 * media/mp4_movie.h
 *	  The index of an MP4 that is being written, out of what libav writes as fragments.
 *
 * libav's own tables take 64 bytes a sample. Fragments name the same in a few bytes and are
 * over every second, so libav writes those, with the first index, which has the parameters of
 * the tracks and no sample; from both this makes the one index that every player reads.
 */
#ifndef LEAP_MEDIA_MP4_MOVIE_H
#define LEAP_MEDIA_MP4_MOVIE_H

#include "media/mp4_table.h"

enum
{
	MP4_TRACKS = 2
};

typedef struct Mp4Track
{
	Mp4Table table;
	bool begun;
	uint64_t first; /* the first decoding time, in the track's time scale */
	int16_t
		roll; /* packets to decode before one that is to be heard, below 0; 0: not told */
} Mp4Track;

typedef struct Mp4Movie
{
	Buffer init; /* the first index; empty until it is known */
	Mp4Track tracks[MP4_TRACKS];
} Mp4Movie;

/* Keeps the first index, a whole moov box. */
void mp4_movie_begin(Mp4Movie *movie, Mp4Bytes moov);

/*
 * Takes the samples of a fragment, a whole moof box in front of what its mdat holds, which
 * goes to offset `at` of the file. false where that is not as libav writes it.
 */
bool mp4_movie_add(Mp4Movie *movie, Mp4Bytes moof, Mp4Bytes media, int64_t at);

/* Appends the index; false where the first one is not as libav writes it. */
bool mp4_movie_write(const Mp4Movie *movie, Buffer *to);
void mp4_movie_free(Mp4Movie *movie);

#endif
