/*
 * media/sound.h
 *	  One sound track on the time line of the recording.
 *
 * Decoded runs are placed by their time stamps, not by counting samples: where sound is
 * missing the envelope says "missing" and the WAV holds silence, so every later time stays
 * true. Stamps that are rounded (milliseconds in Matroska) or jitter by less than 20 ms do
 * not move the sound.
 */
#ifndef LEAP_MEDIA_SOUND_H
#define LEAP_MEDIA_SOUND_H

#include "media/boundary.h"
#include "media/decode.h"
#include "media/envelope.h"
#include "media/input.h"
#include "media/integrity.h"
#include "media/resample.h"
#include "media/wav.h"

typedef struct SoundTrack
{
	const MediaInput *input;
	AVStream *stream;
	SoundSource source;
	SoundChunk *filling; /* packets collected for the next chunk */
	Envelope envelope;
	WavWriter *wav; /* NULL: this track is only measured */
	Resampler *resampler;
	int rate;
	int64_t position;  /* samples placed so far, at the rate, from source time 0 */
	double time_limit; /* a run beyond it has a wrong time stamp */
	double heard_end;  /* source time where the last sound ends */

	int64_t hop_end; /* position where the current hop ends */
	double hop_energy;
	float hop_peak;
	int64_t hop_samples; /* heard in it, not missing */
	bool started;
} SoundTrack;

/* time_limit: see above; wav may be NULL. false when there is no decoder. */
bool sound_track_init(SoundTrack *track, const MediaInput *input, AVStream *stream,
					  double time_limit, WavWriter *wav);
void sound_track_free(SoundTrack *track);

/* Places the runs of a finished chunk and notes what is wrong with them. */
bool sound_track_place(SoundTrack *track, const SoundChunk *chunk, Integrity *integrity,
					   Error *err);

/* The end of the track: completes envelope and WAV samples. */
void sound_track_finish(SoundTrack *track);

#endif
