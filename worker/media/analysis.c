/*
 * media/analysis.c
 *	  The commands that look at a recording.
 */
#include "media/analysis.h"

#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "media/facts.h"
#include "media/output.h"
#include "media/poster.h"
#include "media/scan.h"
#include "media/wave.h"

#define ANALYSIS_VERSION 1

/* The poster lies this far into what is kept: a share of it, at most so many seconds. */
#define POSTER_SHARE   0.10
#define POSTER_SECONDS 120.0

static cJSON *
new_analysis(const Integrity *integrity)
{
	cJSON *analysis = cJSON_CreateObject();

	cJSON_AddNumberToObject(analysis, "version", ANALYSIS_VERSION);
	facts_verdict(analysis, integrity);
	return analysis;
}

/* How far the file can be trusted where its end is missing, and what looking at it cost. */
static void
add_counts(cJSON *analysis, const Integrity *integrity, const MediaInput *input)
{
	if (integrity_verdict(integrity) == VERDICT_TRUNCATED)
		facts_bytes(analysis, "good_bytes",
					integrity_good_bytes(integrity, input->structure.size));
	facts_bytes(analysis, "bytes_read", input->bytes_read);
}

/* The loudness, to be judged again and to be drawn. */
static bool
write_levels(const AnalyseOptions *options, const Envelope *envelope, Error *err)
{
	return (options->envelope_fd < 0 ||
			envelope_write(envelope, options->envelope_fd, err)) &&
		   (options->waveform_fd < 0 || wave_write(envelope, options->waveform_fd, err));
}

/* An MP4 without its index: nothing can be played, but what it is can be told. */
static bool
analyse_without_index(const AnalyseOptions *options, const MediaInput *input,
					  cJSON **result, Error *err)
{
	Integrity integrity = {.missing_bytes = input->structure.missing};
	VideoTrack no_video = {0};
	Envelope no_sound = {0};
	Boundaries found;

	integrity_note(&integrity, FAULT_INDEX_MISSING, -1.0, 0.0);
	if (input->structure.missing > 0)
	{
		integrity_note(&integrity, FAULT_FILE_CUT_OFF, -1.0,
					   (double) input->structure.missing);
		integrity_place(&integrity, FAULT_FILE_CUT_OFF, input->structure.size);
	}
	if (!write_levels(options, &no_sound, err) ||
		!boundaries_find(&no_sound, 0.0, &options->boundary, &found, err))
		return false;
	*result = new_analysis(&integrity);
	facts_file(*result, "mp4", 0.0, input->structure.size);
	facts_video(*result, &no_video);
	cJSON_AddArrayToObject(*result, "audio");
	cJSON_AddNullToObject(*result, "audio_track");
	facts_boundaries(*result, &found);
	cJSON_AddNullToObject(*result, "poster");
	add_counts(*result, &integrity, input);
	return true;
}

/*
 * The track with the most speech. Equal ones (within a twentieth: the same sound twice)
 * leave the choice with the preferred track.
 */
static int
choose_track(const Scan *scan, const Boundaries *found, int preferred)
{
	int best = preferred;

	for (int i = 0; i < scan->track_count; i++)
		if (found[i].seconds > found[best].seconds * 1.05 + 1.0)
			best = i;
	return best;
}

static bool
judge_tracks(const Scan *scan, const BoundaryOptions *options, Boundaries *found,
			 Error *err)
{
	Envelope no_sound = {0};

	if (scan->track_count == 0)
		return boundaries_find(&no_sound, scan->duration, options, &found[0], err);
	for (int i = 0; i < scan->track_count; i++)
		if (!boundaries_find(&scan->tracks[i].envelope, scan->duration, options,
							 &found[i], err))
			return false;
	return true;
}

static void
add_sound(cJSON *analysis, const Scan *scan, const Boundaries *found, int chosen)
{
	cJSON *audio = cJSON_AddArrayToObject(analysis, "audio");

	for (int i = 0; i < scan->track_count; i++)
	{
		cJSON *facts = facts_sound(audio, scan->tracks[i].stream);

		facts_number(facts, "speech_db", found[i].speech_db, 1);
		facts_number(facts, "speech_seconds", found[i].seconds, 2);
	}
	if (scan->track_count > 0)
		cJSON_AddNumberToObject(analysis, "audio_track",
								scan->tracks[chosen].stream->index);
	else
		cJSON_AddNullToObject(analysis, "audio_track");
}

static bool
add_poster(cJSON *analysis, const AnalyseOptions *options, MediaInput *input,
		   const Scan *scan, Span keep, Error *err)
{
	Poster poster = {0};
	Error failure = {0};
	cJSON *facts;
	double into = fmin(POSTER_SHARE * (keep.end - keep.start), POSTER_SECONDS);

	if (options->poster_fd < 0 || scan->video.stream == NULL ||
		!poster_write(input, scan->video.stream, keep.start + into, into,
					  options->poster_fd, options->miniature_fd, &poster, &failure))
	{
		if (failure.class != ERROR_NONE)
			*err = failure;
		cJSON_AddNullToObject(analysis, "poster");
		return failure.class == ERROR_NONE;
	}
	facts = cJSON_AddObjectToObject(analysis, "poster");
	facts_number(facts, "at", poster.at, 3);
	cJSON_AddNumberToObject(facts, "width", poster.width);
	cJSON_AddNumberToObject(facts, "height", poster.height);
	return true;
}

/* Scans, writing the sound of the track that turns out to hold the speech. */
static bool
scan_and_choose(const AnalyseOptions *options, MediaInput *input, Scan *scan,
				Boundaries *found, int *chosen, Error *err)
{
	CLEANUP(wav) WavWriter wav = {0};
	WavWriter *sound = options->audio_fd >= 0 ? &wav : NULL;
	Progress progress = PROGRESS_TO(options->progress_fd);

	if (sound != NULL && !wav_open(sound, options->audio_fd, err))
		return false;
	if (!scan_run(scan, input, sound, options->threads, &progress, err) ||
		!judge_tracks(scan, &options->boundary, found, err))
		return false;
	*chosen = choose_track(scan, found, scan_preferred(scan));
	if (sound != NULL && *chosen != scan_preferred(scan))
	{
		wav_free(sound);
		if (!wav_open(sound, options->audio_fd, err) ||
			!scan_sound_again(scan, input, *chosen, sound, options->threads, err))
			return false;
	}
	return sound == NULL || wav_finish(sound);
}

static void
cleanup_all_boundaries(Boundaries (*found)[MAX_TRACKS])
{
	for (int i = 0; i < MAX_TRACKS; i++)
		boundaries_free(&(*found)[i]);
}

static const char *
container_of_copy(const Scan *scan, int chosen)
{
	const AVStream *video = scan->video.stream;
	enum AVCodecID sound = AV_CODEC_ID_NONE;

	if (scan->track_count > 0)
		sound = scan->tracks[chosen].stream->codecpar->codec_id;
	return output_container(video != NULL ? video->codecpar->codec_id : AV_CODEC_ID_NONE,
							sound);
}

static bool
analyse_input(const AnalyseOptions *options, MediaInput *input, cJSON **result,
			  Error *err)
{
	static const Envelope no_sound;
	CLEANUP(scan) Scan scan = {0};
	CLEANUP(all_boundaries) Boundaries found[MAX_TRACKS] = {0};
	int chosen = 0;

	if (!scan_and_choose(options, input, &scan, found, &chosen, err) ||
		!write_levels(options,
					  scan.track_count > 0 ? &scan.tracks[chosen].envelope : &no_sound,
					  err))
		return false;
	*result = new_analysis(&scan.integrity);
	facts_file(*result, input_container(input), scan.duration, input->structure.size);
	cJSON_AddStringToObject(*result, "cut_container", container_of_copy(&scan, chosen));
	facts_video(*result, &scan.video);
	add_sound(*result, &scan, found, chosen);
	facts_boundaries(*result, &found[chosen]);
	if (!add_poster(*result, options, input, &scan, found[chosen].keep, err))
		return false;
	add_counts(*result, &scan.integrity, input);
	return true;
}

bool
analysis_run(const AnalyseOptions *options, cJSON **result, Error *err)
{
	CLEANUP(input) MediaInput input = {0};

	if (!input_inspect_arriving(&input, options->input_fd, options->arrival_fd, err))
		return false;
	if (input.structure.kind == FILE_MP4 && !input.structure.has_index)
		return analyse_without_index(options, &input, result, err);
	return input_demux(&input, err) && analyse_input(options, &input, result, err);
}

/* Adds "spans": the window to keep without the middles of its long pauses. */
static void
add_spans(cJSON *object, const Boundaries *found, const BoundaryOptions *options)
{
	cJSON *array = cJSON_AddArrayToObject(object, "spans");
	size_t count;
	CLEANUP(free)
	Span *spans = spans_shorten(found->keep, found->pauses, found->pause_count,
								options->shorten_above, options->shorten_to, &count);

	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(
			array,
			cJSON_CreateDoubleArray((const double[]){spans[i].start, spans[i].end}, 2));
}

bool
analysis_boundaries(int envelope_fd, double duration, const BoundaryOptions *options,
					cJSON **result, Error *err)
{
	CLEANUP(envelope) Envelope envelope = {0};
	CLEANUP(boundaries) Boundaries found = {0};

	if (!envelope_read(&envelope, envelope_fd, err) ||
		!boundaries_find(&envelope, duration, options, &found, err))
		return false;
	*result = cJSON_CreateObject();
	facts_boundaries(*result, &found);
	add_spans(*result, &found, options);
	return true;
}

bool
analysis_probe(int input_fd, cJSON **result, Error *err)
{
	CLEANUP(input) MediaInput input = {0};
	VideoTrack video;
	cJSON *audio;

	if (!input_open(&input, input_fd, err))
		return false;
	video_track_init(&video, &input, input_video(&input));
	*result = cJSON_CreateObject();
	facts_file(*result, input_container(&input), input_duration(&input),
			   input.structure.size);
	facts_video(*result, &video);
	audio = cJSON_AddArrayToObject(*result, "audio");
	for (unsigned i = 0; i < input.format->nb_streams; i++)
		if (input.format->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
			facts_sound(audio, input.format->streams[i]);
	return true;
}
