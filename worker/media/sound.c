/*
 * media/sound.c
 *	  Placing decoded sound on the time line.
 */
#include "media/sound.h"

#include <math.h>

/* Stamps that differ from the running position by less do not move the sound. */
#define JITTER_SECONDS 0.020

/* A hole in the middle of the sound that is worth telling. */
#define GAP_SECONDS 0.5

/* Sound that comes so much too early was stored twice, or its clock was set anew. */
#define BACK_SECONDS 0.5

bool
sound_track_init(SoundTrack *track, const MediaInput *input, AVStream *stream,
				 double time_limit, WavWriter *wav)
{
	*track = (SoundTrack){
		.input = input, .stream = stream, .time_limit = time_limit, .wav = wav};
	return sound_source_init(&track->source, stream);
}

void
sound_track_free(SoundTrack *track)
{
	sound_source_free(&track->source);
	envelope_free(&track->envelope);
	resampler_free(track->resampler);
	track->resampler = NULL;
}

static void
write_wav(void *arg, const int16_t *samples, size_t count)
{
	wav_write(arg, samples, count);
}

/* The first run, or a change of rate within the track: the position is kept in time. */
static bool
set_rate(SoundTrack *track, int rate, Error *err)
{
	if (track->rate == rate)
		return true;
	if (track->rate != 0)
	{
		track->position = av_rescale(track->position, rate, track->rate);
		if (track->resampler != NULL)
			resampler_finish(track->resampler);
	}
	track->rate = rate;
	track->hop_end = ((int64_t) track->envelope.count + 1) * rate / ENVELOPE_PER_SECOND;
	resampler_free(track->resampler);
	track->resampler = NULL;
	if (track->wav == NULL)
		return true;
	track->resampler = resampler_new(rate, write_wav, track->wav, err);
	return track->resampler != NULL;
}

static void
finish_hop(SoundTrack *track)
{
	EnvelopeHop hop = {ENVELOPE_MISSING, ENVELOPE_MISSING};

	if (track->hop_samples > 0)
	{
		hop.rms = envelope_level(track->hop_energy / (double) track->hop_samples);
		hop.peak = envelope_level((double) track->hop_peak * track->hop_peak);
	}
	(void) envelope_append(&track->envelope, hop);
	track->hop_energy = 0.0;
	track->hop_peak = 0.0f;
	track->hop_samples = 0;
	track->hop_end =
		((int64_t) track->envelope.count + 1) * track->rate / ENVELOPE_PER_SECOND;
}

/* Blocks belong to the hop of their first sample. */
static void
measure_blocks(SoundTrack *track, const SoundBlock *blocks, int64_t samples)
{
	int64_t at = track->position;

	for (; samples > 0; blocks++)
	{
		int64_t part = samples < BLOCK_SAMPLES ? samples : BLOCK_SAMPLES;

		while (at >= track->hop_end)
			finish_hop(track);
		track->hop_energy += blocks->energy;
		track->hop_peak = fmaxf(track->hop_peak, blocks->peak);
		track->hop_samples += part;
		at += part;
		samples -= part;
	}
}

static void
place_silence(SoundTrack *track, int64_t samples)
{
	static const float silence[4096];

	track->position += samples;
	while (track->position >= track->hop_end)
		finish_hop(track);
	while (track->resampler != NULL && samples > 0)
	{
		size_t part = samples < 4096 ? (size_t) samples : 4096;

		resampler_push(track->resampler, silence, part);
		samples -= (int64_t) part;
	}
}

/* Where the run belongs, in samples from source time 0. */
static int64_t
target_of(const SoundTrack *track, const SoundRun *run)
{
	if (run->timestamp == AV_NOPTS_VALUE)
		return track->position;
	return (int64_t) llround(input_time(track->input, track->stream, run->timestamp) *
							 run->rate);
}

static double
position_time(const SoundTrack *track)
{
	return (double) track->position / track->rate;
}

static void
place_run(SoundTrack *track, const SoundChunk *chunk, const SoundRun *run,
		  Integrity *integrity)
{
	int64_t target = target_of(track, run);
	int64_t late = target - track->position;
	int64_t jitter = (int64_t) (JITTER_SECONDS * run->rate);
	int64_t drop = 0;

	if ((double) target / run->rate > track->time_limit)
	{
		integrity_note(integrity, FAULT_BAD_TIMES, position_time(track), 0.0);
		integrity_place(integrity, FAULT_BAD_TIMES, run->position);
		return;
	}
	if (late > jitter || (!track->started && late > 0))
	{
		double gap = (double) late / run->rate;

		if (track->started && gap >= GAP_SECONDS)
		{
			integrity_note(integrity, FAULT_AUDIO_GAP, position_time(track), gap);
			integrity_place(integrity, FAULT_AUDIO_GAP, run->position);
		}
		place_silence(track, late);
	}
	else if (late < -jitter)
		drop = -late;
	if ((double) -late / run->rate > BACK_SECONDS)
	{
		integrity_note(integrity, FAULT_BAD_TIMES, position_time(track), 0.0);
		integrity_place(integrity, FAULT_BAD_TIMES, run->position);
	}
	if (drop >= (int64_t) run->samples)
		return;
	/* whole blocks, so that blocks and samples stay together */
	drop = drop / BLOCK_SAMPLES * BLOCK_SAMPLES;
	measure_blocks(track, chunk->blocks + run->first_block + drop / BLOCK_SAMPLES,
				   (int64_t) run->samples - drop);
	if (track->resampler != NULL)
		resampler_push(track->resampler, chunk->mono + run->first_sample + drop,
					   run->samples - (size_t) drop);
	track->position += (int64_t) run->samples - drop;
	track->heard_end = position_time(track);
	track->started = true;
}

/* The time that one packet of the track fills, for what a bad one costs. */
static double
packet_seconds(const SoundTrack *track)
{
	const AVCodecParameters *parameters = track->stream->codecpar;

	if (parameters->frame_size > 0 && parameters->sample_rate > 0)
		return (double) parameters->frame_size / parameters->sample_rate;
	return 0.02;
}

bool
sound_track_place(SoundTrack *track, const SoundChunk *chunk, Integrity *integrity,
				  Error *err)
{
	if (chunk->out_of_memory)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory", NULL,
						 "no memory to decode the sound");
	for (size_t i = 0; i < chunk->run_count; i++)
	{
		if (!set_rate(track, chunk->runs[i].rate, err))
			return false;
		place_run(track, chunk, &chunk->runs[i], integrity);
	}
	if (chunk->errors > 0)
	{
		integrity_note(integrity, FAULT_DECODE_ERROR,
					   input_time(track->input, track->stream, chunk->error_at), 0.0);
		integrity_place(integrity, FAULT_DECODE_ERROR, chunk->error_position);
		integrity->faults[FAULT_DECODE_ERROR].count += chunk->errors - 1;
		integrity->damaged_seconds += (double) chunk->errors * packet_seconds(track);
	}
	return true;
}

void
sound_track_finish(SoundTrack *track)
{
	if (track->rate == 0)
		return;
	if (track->hop_samples > 0)
		finish_hop(track);
	if (track->resampler != NULL)
		resampler_finish(track->resampler);
}
