/*
 * media/avcc.h
 *	  The parameter sets of an H.264 track in MP4 and Matroska (the avcC record), and the NAL
 *	  units of its packets.
 *
 * A cut that encodes a few pictures anew keeps one track: its record then holds the sets of
 * the source and those of the encoder, told apart by their ids. Everything here is pure and
 * made for hostile bytes: a record is read as far as it makes sense, or refused.
 */
#ifndef LEAP_MEDIA_AVCC_H
#define LEAP_MEDIA_AVCC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AVCC_MAX_SPS 31
#define AVCC_MAX_PPS 255
#define AVCC_IDS     32 /* ids of sequence sets, and those of picture sets used here: 0..31 */

/* One parameter set: a NAL unit inside the bytes it was read from. */
typedef struct AvccSet
{
	const uint8_t *bytes;
	size_t size;
	unsigned id;
} AvccSet;

typedef struct Avcc
{
	int length_size; /* bytes of a NAL length field: 1, 2 or 4 */
	uint8_t profile;
	uint8_t compatibility;
	uint8_t level;
	AvccSet sps[AVCC_MAX_SPS];
	size_t sps_count;
	AvccSet pps[AVCC_MAX_PPS];
	size_t pps_count;
	const uint8_t *rest; /* what follows the sets: more about high profiles */
	size_t rest_size;
} Avcc;

/* What a sequence parameter set says about its pictures. */
typedef struct AvccFormat
{
	unsigned profile; /* 66 baseline, 77 main, 100 high, ... */
	unsigned compatibility;
	unsigned level;
	unsigned chroma; /* 1: 4:2:0 */
	unsigned luma_depth;
	unsigned chroma_depth;
	bool frames_only; /* false: fields may occur */
} AvccFormat;

/* What a packet holds. */
typedef struct AvccPacket
{
	bool whole;      /* its lengths add up */
	bool is_idr;     /* a decoder needs nothing before it, and nothing refers over it */
	bool other_sets; /* it carries a parameter set that the record does not hold */
} AvccPacket;

/* Reads a record (extradata that begins with 1); the sets point into it. */
bool avcc_parse(const uint8_t *record, size_t size, Avcc *avcc);

/* Adds the parameter sets of NAL units behind start codes, as an encoder gives them. false
 * when there is none of either kind, an id is taken or there is no room. */
bool avcc_add(Avcc *avcc, const uint8_t *annexb, size_t size);

/* An id that neither a sequence nor a picture parameter set has; -1: all are taken. */
int avcc_free_id(const Avcc *avcc);

/* The bytes that avcc_write needs, at most. */
size_t avcc_size(const Avcc *avcc);

/* Writes the record: the greatest level of its sets, else what avcc_parse read. */
size_t avcc_write(const Avcc *avcc, uint8_t *out);

/* Reads a sequence parameter set as far as AvccFormat goes. */
bool avcc_format(const AvccSet *sps, AvccFormat *format);

AvccPacket avcc_look(const Avcc *avcc, const uint8_t *data, size_t size);

/* The room that avcc_from_annexb needs for `size` bytes. */
#define AVCC_ROOM(size) ((size) + (size) / 3 + 8)

/*
 * Turns slices behind start codes into slices behind lengths of length_size bytes and leaves
 * parameter sets, delimiters and additional information out. The result is the number of
 * bytes written; 0 when nothing is left or a slice is longer than its length can tell.
 */
size_t avcc_from_annexb(const uint8_t *in, size_t size, int length_size, uint8_t *out);

#endif
