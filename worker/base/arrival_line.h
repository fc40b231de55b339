/*
 * base/arrival_line.h
 *	  What the fetcher of a file and who reads it meanwhile tell each other: one line a
 *	  message (docs/protocol.md, section 3).
 *
 *	  size N         fetcher: the file will have N bytes
 *	  have FROM TO   fetcher: the bytes from FROM up to, without, TO are there
 *	  end N          fetcher: all of it is there, N bytes
 *	  want OFFSET    reader: the bytes from OFFSET on are needed before their time
 */
#ifndef LEAP_BASE_ARRIVAL_LINE_H
#define LEAP_BASE_ARRIVAL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for any line. */
#define ARRIVAL_LINE_SIZE 64

typedef enum ArrivalWord
{
	ARRIVAL_SIZE,
	ARRIVAL_HAVE,
	ARRIVAL_END,
	ARRIVAL_WANT
} ArrivalWord;

typedef struct ArrivalLine
{
	ArrivalWord word;
	int64_t first;
	int64_t second; /* of `have` only */
} ArrivalLine;

/* Reads one line, its end included or not; false for anything else. `have` is a range that
 * is not empty. */
bool arrival_line_read(const char *text, size_t length, ArrivalLine *line);

/* Writes one, with its end; its length. */
size_t arrival_line_write(const ArrivalLine *line, char text[ARRIVAL_LINE_SIZE]);

#endif
