/*
 * media/scan.h
 *	  The one pass over a recording: every packet is read once and judged, sound is decoded.
 */
#ifndef LEAP_MEDIA_SCAN_H
#define LEAP_MEDIA_SCAN_H

#include "media/input.h"
#include "media/integrity.h"
#include "media/progress.h"
#include "media/sound.h"
#include "media/video.h"

#define MAX_TRACKS 8

typedef struct Scan
{
	Integrity integrity;
	VideoTrack video; /* video.stream is NULL without pictures */
	SoundTrack tracks[MAX_TRACKS];
	int track_count;
	double duration; /* measured: source time where the last packet ends */
} Scan;

/*
 * scan_run reads the whole input. wav (may be NULL) receives the sound of the track
 * preferred beforehand: the container's default, else the first; scan_preferred names it.
 */
bool scan_run(Scan *scan, MediaInput *input, WavWriter *wav, int threads,
			  Progress *progress, Error *err);
int scan_preferred(const Scan *scan);

/* A second pass over the sound of one other track, into the WAV. */
bool scan_sound_again(Scan *scan, MediaInput *input, int track, WavWriter *wav,
					  int threads, Error *err);
void scan_free(Scan *scan);

static inline void
cleanup_scan(Scan *scan)
{
	scan_free(scan);
}

#endif
