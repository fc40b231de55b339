/*
 * media/cut_sound.h
 *	  The clock of copied sound: packets of many spans in one row, without gap and drift.
 *
 * The packets of a track have a length of their own, so that sound can be cut to half a
 * packet at best. The clock counts the samples written; each span begins with the packet
 * whose place is nearest to the clock, so the error at every cut is at most half a packet
 * (10.7 ms of AAC at 48 kHz) and never adds up. Containers with a time for each packet may
 * keep those of the source instead: what does not fit whole between two spans is silent.
 */
#ifndef LEAP_MEDIA_CUT_SOUND_H
#define LEAP_MEDIA_CUT_SOUND_H

#include "media/libav.h"

typedef enum CutClock
{
	CLOCK_IN_ROW,
	CLOCK_LEADING, /* so too, but the first one is where it belongs: pictures begin with it */
	CLOCK_OF_SOURCE /* every packet keeps its time */
} CutClock;

typedef struct CutSound
{
	const AVStream *stream;
	AVRational tick; /* 1 / sample rate: the unit of all numbers here */
	int64_t at;      /* output time of the next packet */
	int64_t shift;   /* output time less source time, in the span at hand */
	bool free_start; /* the next packet sets the shift: there is no picture to go with */
	CutClock clock;
	int64_t placed; /* output time of the last packet */
	int64_t first; /* source time of the first packet of the span; AV_NOPTS_VALUE: none */
	int64_t last;  /* where its last packet ends */
} CutSound;

/* Prepares the clock of a track. */
void cut_sound_init(CutSound *sound, const AVStream *stream, CutClock clock);

/* The span at hand lies at `source` seconds of the stream's own time and `out` of the
 * output's, both in units of `base`. */
void cut_sound_begin(CutSound *sound, int64_t source, int64_t out, AVRational base);

/* The same without pictures: the sound goes on from where it is, with the packet nearest to
 * this time stamp of the stream. */
void cut_sound_begin_alone(CutSound *sound, int64_t source);

/* Does the next packet begin before the end, given as source time in the stream's time base? */
bool cut_sound_reaches(const CutSound *sound, const AVPacket *packet, int64_t end);

/*
 * The whole packets of silence, each of so many ticks, that lie between the clock and the
 * packet; 0 where it simply goes on, or where nothing has to be waited for. What is left of the
 * time before the first of long packets is less than one of them: it begins when it should.
 */
int64_t cut_sound_gap(const CutSound *sound, const AVPacket *packet, int64_t length);

/*
 * Gives the packet its place in units of `tick` and moves the clock on. false for a packet
 * that belongs before the clock and is left out.
 */
bool cut_sound_place(CutSound *sound, AVPacket *packet);

#endif
