/*
 * media/mp4_table.h
 *	  The sample tables of one track of an MP4 that is being written.
 *
 * Ten hours have millions of samples: of each only its size is kept by itself, durations and
 * the times between decoding and showing are kept as the runs that the file has in the end,
 * and all of these numbers take as few bytes as they need.
 */
#ifndef LEAP_MEDIA_MP4_TABLE_H
#define LEAP_MEDIA_MP4_TABLE_H

#include "media/mp4_box.h"

/* Numbers one behind the other, seven bits a byte, the lowest first. */
typedef struct Mp4Numbers
{
	uint8_t *bytes;
	size_t length;
	size_t capacity;
} Mp4Numbers;

/* The same value so many times, again and again. */
typedef struct Mp4Runs
{
	Mp4Numbers over; /* the runs before the last one: how often, and its value */
	size_t count;    /* of runs */
	uint32_t times;  /* of the last one */
	uint32_t value;
	bool negative; /* some value is, taken as signed */
} Mp4Runs;

typedef struct Mp4Chunk
{
	int64_t offset; /* in the file */
	uint32_t samples;
} Mp4Chunk;

typedef struct Mp4Sample
{
	uint32_t size; /* less than 2 GiB */
	uint32_t duration;
	int32_t offset; /* shown so much later than decoded */
	bool key;
} Mp4Sample;

typedef struct Mp4Table
{
	Mp4Numbers sizes; /* doubled, and one more for a key frame */
	size_t count;
	size_t keys;
	Mp4Runs durations; /* of all samples but the last */
	uint64_t duration; /* of these together */
	uint32_t last;     /* of the last one, which may still change */
	int64_t latest;    /* when the sample is shown that is shown last */
	Mp4Runs offsets;
	Mp4Chunk *chunks;
	size_t chunk_count;
	size_t chunk_capacity;
} Mp4Table;

/* The samples that follow lie in one row from this offset of the file on. */
void mp4_table_chunk(Mp4Table *table, int64_t offset);
void mp4_table_add(Mp4Table *table, const Mp4Sample *sample);

/* The next sample is decoded at `time`, counted from the first one: the last one lasts until
 * then. false where that is not behind it, or too far. */
bool mp4_table_reach(Mp4Table *table, uint64_t time);

/* The duration of all samples. */
uint64_t mp4_table_duration(const Mp4Table *table);

/* When what is shown last ends: nobody says how long it is, only how long each sample is the
 * last one that was decoded. */
uint64_t mp4_table_end(const Mp4Table *table);

/* Appends the tables: stts, stss, ctts, stsc, stsz, and stco or co64. */
void mp4_table_write(const Mp4Table *table, Buffer *to);
void mp4_table_free(Mp4Table *table);

#endif
