/*
 * base/throughput.h
 *	  How fast bytes go from here to there, as people read it and as a finished task tells it.
 */
#ifndef LEAP_BASE_THROUGHPUT_H
#define LEAP_BASE_THROUGHPUT_H

#include <stdint.h>

/* One transfer, perhaps of several pieces one after the other. */
typedef struct Throughput
{
	int64_t total;   /* bytes of the whole; <= 0: not known */
	int64_t first;   /* bytes that were there before */
	int64_t bytes;   /* bytes that are there */
	double began;    /* clock_seconds(); 0 = not yet */
	double ended;    /* when the last byte came */
	double marked;   /* the rate is counted from here */
	int64_t at_mark; /* ... where there were so many */
	double rate;     /* bytes a second lately; 0 = not known yet */
	double shown;    /* when the text was made */
	char text[160];
} Throughput;

/* Notes that so many bytes of the whole are there: fewer than before where some have to come
 * again. Gives the step to report, "fetching, 12.4 MB/s, 340 of 1,200 MB", whose text
 * changes once a second. Cheap: may be called often. */
const char *throughput_step(Throughput *throughput, const char *verb, int64_t bytes);

/* How many bytes came, and in how many seconds. */
int64_t throughput_bytes(const Throughput *throughput);
double throughput_seconds(const Throughput *throughput);

#endif
