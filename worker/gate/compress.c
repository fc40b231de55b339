/*
 * gate/compress.c
 *	  Answers compressed with gzip, for those who take that.
 *
 * The length of a compressed answer tells what in it is alike. Who can choose a part of it and
 * see its length could guess a secret in the same answer, letter by letter (BREACH). So only
 * answers to GET are compressed: what shows a secret answers a POST (logging in, tickets, keys).
 * And no site can make a browser ask in somebody's name: who asks is said by a field that only
 * our own page can write, not by a cookie.
 */
#include "gate/compress.h"

#include <string.h>

#define ZLIB_CONST /* what is compressed is only read */
#include <zlib.h>

/* Nearly all there is to gain of JSON, at a fifth of the time of level 9. */
#define LEVEL  1
#define GZIP   16 /* of deflateInit2: a head of gzip, not of zlib */
#define MEMORY 8

bool
compress_taken(const Head *head)
{
	const Slice *field = head_field(head, "accept-encoding");
	Slice rest = field != NULL ? *field : (Slice){"", 0};

	while (rest.length > 0)
	{
		const char *comma = memchr(rest.at, ',', rest.length);
		size_t length = comma != NULL ? (size_t) (comma - rest.at) : rest.length;
		const char *weight = memmem(rest.at, length, "q=0", 3);
		bool zero = weight != NULL &&
					strspn(weight + 3, ".0") >= (size_t) (rest.at + length - weight - 3);

		if (!zero && memmem(rest.at, length, "gzip", 4) != NULL)
			return true;
		length += comma != NULL;
		rest = (Slice){rest.at + length, rest.length - length};
	}
	return false;
}

bool
compress_suits(const Head *head, size_t length)
{
	return slice_is(head->method, "GET") && length >= COMPRESS_LEAST &&
		   length <= COMPRESS_MOST;
}

bool
compress_gzip(Slice bytes, Buffer *out)
{
	z_stream stream = {.next_in = (const Bytef *) bytes.at,
					   .avail_in = (uInt) bytes.length};
	unsigned char piece[16384];
	int state = Z_OK;

	if (deflateInit2(&stream, LEVEL, Z_DEFLATED, MAX_WBITS + GZIP, MEMORY,
					 Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	while (state == Z_OK)
	{
		stream.next_out = piece;
		stream.avail_out = sizeof piece;
		state = deflate(&stream, Z_FINISH);
		buffer_append(out, piece, sizeof piece - stream.avail_out);
	}
	(void) deflateEnd(&stream);
	return state == Z_STREAM_END;
}
